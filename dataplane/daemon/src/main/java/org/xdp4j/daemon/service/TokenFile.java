package org.xdp4j.daemon.service;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;

/** The file that holds the token of HTTP clients: one line, readable by its owner alone. */
public final class TokenFile {
  private static final int BYTES = 24;
  private static final int MOST = 4096;
  private static final Set<PosixFilePermission> OTHERS =
      PosixFilePermissions.fromString("---rwxrwx");

  private TokenFile() {}

  /** Why a token cannot be had, a sentence. */
  public static final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    Refusal(String sentence) {
      super(sentence);
    }

    Refusal(String sentence, Throwable cause) {
      super(sentence, cause);
    }
  }

  /**
   * The token in a file.
   *
   * @throws Refusal when it cannot be read, or others can read it as well
   */
  public static String read(Path file) throws Refusal {
    try {
      for (PosixFilePermission may : Files.getPosixFilePermissions(file)) {
        if (OTHERS.contains(may)) {
          throw new Refusal(
              "the token file " + file + " is open to others than its owner (chmod 600 helps)");
        }
      }
      if (Files.size(file) > MOST) {
        throw new Refusal("the token file " + file + " holds more than a token");
      }
      return Files.readString(file).strip();
    } catch (NoSuchFileException e) {
      throw new Refusal("the token file " + file + " is not there", e);
    } catch (CharacterCodingException e) {
      throw new Refusal("the token file " + file + " is not text", e);
    } catch (IOException e) {
      throw new Refusal("the token file " + file + " cannot be read: " + reason(e), e);
    }
  }

  /** A new token. */
  public static String fresh() {
    byte[] random = new byte[BYTES];
    new SecureRandom().nextBytes(random);
    return HexFormat.of().formatHex(random);
  }

  /** Makes a file with a token, in the place of one that is there. */
  public static void write(Path file, String token) throws Refusal {
    try {
      Files.deleteIfExists(file);
      make(file, token);
    } catch (IOException e) {
      throw new Refusal("the token file " + file + " cannot be made: " + reason(e), e);
    }
  }

  /** A file that is made, but not in its place yet: either of the two is called, once. */
  public static final class Ready {
    private final Path made;
    private final Path place;

    private Ready(Path made, Path place) {
      this.made = made;
      this.place = place;
    }

    /** Puts it in its place, where one may be already. */
    public void place() throws Refusal {
      try {
        Files.move(made, place, StandardCopyOption.REPLACE_EXISTING);
      } catch (IOException e) {
        throw new Refusal("the token file " + place + " cannot be made: " + reason(e), e);
      }
    }

    /** Deletes it; what is in its place stays. */
    public void giveUp() {
      try {
        Files.deleteIfExists(made);
      } catch (IOException e) {
        // Nobody looks for it there, and the next one takes its place.
        made.toFile().deleteOnExit();
      }
    }
  }

  /** Makes a file with a token beside its place, so that putting it there is all that is left. */
  public static Ready prepare(Path file, String token) throws Refusal {
    Path made = file.resolveSibling(file.getFileName() + ".new");
    write(made, token);
    return new Ready(made, file);
  }

  /** The token in a file, which is made with a new one when it is not there. */
  public static String readOrMake(Path file) throws Refusal {
    try {
      if (file.toAbsolutePath().getParent() != null) {
        Files.createDirectories(file.toAbsolutePath().getParent());
      }
      make(file, fresh());
    } catch (FileAlreadyExistsException there) {
      return read(file);
    } catch (IOException e) {
      throw new Refusal("the token file " + file + " cannot be made: " + reason(e), e);
    }
    return read(file);
  }

  private static void make(Path file, String token) throws IOException {
    try (var channel =
        Files.newByteChannel(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      channel.write(ByteBuffer.wrap((token + "\n").getBytes(StandardCharsets.US_ASCII)));
    }
  }

  private static String reason(IOException e) {
    return e instanceof AccessDeniedException
        ? "permission denied"
        : String.valueOf(e.getMessage());
  }
}
