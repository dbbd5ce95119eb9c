package org.xdp4j.daemon.control;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The file of an AF_UNIX socket. It is bound in a folder that only its owner may enter, given its
 * mode there, and then moved to its place, so that at no time anybody else can connect. One that a
 * killed daemon left behind is replaced; one that a daemon listens on is not.
 */
final class SocketFile {
  /** Bytes of a path in {@code sockaddr_un}, less the 0 behind it (unix(7)). */
  private static final int MAX_PATH = 107;

  private static final String MODE = "rw-------";

  private final Path place;
  private final Path folder;
  private Object key;

  private SocketFile(Path place, Path folder) {
    this.place = place;
    this.folder = folder;
  }

  /** Makes ready to bind; says in one sentence why it cannot. */
  static SocketFile prepare(Path socket) throws ControlException {
    Path place = socket.toAbsolutePath();
    try {
      Files.createDirectories(place.getParent());
      requireFree(place);
      Path folder =
          Files.createTempDirectory(
              place.getParent(),
              ".",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      SocketFile file = new SocketFile(place, folder);
      if (file.bindAt().toString().getBytes().length > MAX_PATH) {
        file.giveUp();
        throw new ControlException(
            "the control socket's path is too long for a socket's address: " + place);
      }
      return file;
    } catch (IOException e) {
      throw new ControlException(
          "the control socket " + place + " cannot be made: " + reason(e), e);
    }
  }

  private static void requireFree(Path place) throws IOException, ControlException {
    if (!Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    BasicFileAttributes attributes =
        Files.readAttributes(place, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!attributes.isOther()) {
      throw new ControlException(
          place + " is there already and is no socket; the control socket needs another place");
    }
    if (isAlive(place)) {
      throw new ControlException(
          "a daemon is running already: it answers at the control socket " + place);
    }
  }

  private static boolean isAlive(Path place) {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(place));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Where to bind. */
  Path bindAt() {
    return folder.resolve("s");
  }

  /** It is bound: gives it its mode and its place. */
  void place() throws ControlException {
    try {
      Files.setPosixFilePermissions(bindAt(), PosixFilePermissions.fromString(MODE));
      key = Files.readAttributes(bindAt(), BasicFileAttributes.class).fileKey();
      Files.move(
          bindAt(), place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      Files.delete(folder);
    } catch (IOException e) {
      giveUp();
      throw new ControlException(
          "the control socket " + place + " cannot be made: " + reason(e), e);
    }
  }

  /** It could not be bound. */
  void giveUp() {
    try {
      Files.deleteIfExists(bindAt());
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      return; // An empty folder stays; there is nobody to tell.
    }
  }

  /** Takes the file away, once, unless another daemon's is in its place by now. */
  synchronized void remove() {
    Object own = key;
    key = null;
    try {
      Object now =
          Files.readAttributes(place, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
              .fileKey();
      if (now.equals(own)) {
        Files.delete(place);
      }
    } catch (IOException e) {
      return; // It is gone already.
    }
  }

  Path path() {
    return place;
  }

  private static String reason(IOException e) {
    return switch (e) {
      case java.nio.file.AccessDeniedException denied -> "permission denied at " + denied.getFile();
      case DirectoryNotEmptyException busy -> "its folder is in use";
      default -> String.valueOf(e.getMessage());
    };
  }
}
