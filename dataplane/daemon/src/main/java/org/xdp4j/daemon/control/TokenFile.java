package org.xdp4j.daemon.control;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;

/** The file that holds the token of HTTP clients: one line, readable by its owner alone. */
public final class TokenFile {
  private static final int BYTES = 24;
  private static final Set<PosixFilePermission> OTHERS =
      PosixFilePermissions.fromString("---rwxrwx");

  private TokenFile() {}

  /**
   * The token in a file.
   *
   * @throws ControlException when it cannot be read, or others can read it as well
   */
  public static String read(Path file) throws ControlException {
    try {
      for (PosixFilePermission may : Files.getPosixFilePermissions(file)) {
        if (OTHERS.contains(may)) {
          throw new ControlException(
              "the token file " + file + " is open to others than its owner (chmod 600 helps)");
        }
      }
      return Files.readString(file).strip();
    } catch (NoSuchFileException e) {
      throw new ControlException("the token file " + file + " is not there", e);
    } catch (CharacterCodingException e) {
      throw new ControlException("the token file " + file + " is not text", e);
    } catch (IOException e) {
      throw new ControlException(
          "the token file " + file + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** The token in a file, which is made with a new one when it is not there. */
  public static String readOrMake(Path file) throws ControlException {
    byte[] random = new byte[BYTES];
    new SecureRandom().nextBytes(random);
    try {
      if (file.toAbsolutePath().getParent() != null) {
        Files.createDirectories(file.toAbsolutePath().getParent());
      }
      try (var channel =
          Files.newByteChannel(
              file,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
        String line = HexFormat.of().formatHex(random) + "\n";
        channel.write(ByteBuffer.wrap(line.getBytes()));
      }
    } catch (FileAlreadyExistsException there) {
      return read(file);
    } catch (IOException e) {
      throw new ControlException(
          "the token file " + file + " cannot be made: " + e.getMessage(), e);
    }
    return read(file);
  }
}
