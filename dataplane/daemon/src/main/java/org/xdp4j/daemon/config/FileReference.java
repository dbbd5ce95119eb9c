package org.xdp4j.daemon.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.xdp4j.engine.capture.CaptureReader;

/** Files that a file names. */
final class FileReference {
  private FileReference() {}

  /** Why a file that is not readable is not, part of a sentence. */
  static String unreadable(Path file) {
    if (!Files.exists(file)) {
      return "there is no file " + file;
    }
    return Files.isDirectory(file) ? file + " is a directory" : file + " cannot be read";
  }

  /**
   * Why a file is not one that can be read to its end, part of a sentence; null when it may be. One
   * that a shell hands over (/dev/stdin, /dev/fd) may be whatever it is.
   */
  static String unfit(Path file) {
    if (Files.isDirectory(file)) {
      return "is a directory";
    }
    boolean handedOver = file.startsWith("/dev") || file.startsWith("/proc");
    return Files.exists(file) && !Files.isRegularFile(file) && !handedOver
        ? "is no regular file"
        : null;
  }

  /** Why a file is no capture, part of a sentence; null when it is, or nobody can say yet. */
  static String noCapture(Path file) {
    if (!Files.isReadable(file)) {
      return unreadable(file);
    }
    if (!Files.isRegularFile(file)) {
      return Files.isDirectory(file) ? file + " is a directory" : null;
    }
    try {
      CaptureReader.open(file).close();
      return null;
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  /**
   * Why a file can be written by nobody, part of a sentence; null when somebody may. Whoever asks
   * need not be who will write it.
   */
  static String unwritable(Path file) {
    Path folder = file.getParent();
    if (folder != null && !Files.isDirectory(folder)) {
      return Files.exists(folder) ? folder + " is no folder" : "there is no folder " + folder;
    }
    return Files.isDirectory(file) ? file + " is a directory" : null;
  }
}
