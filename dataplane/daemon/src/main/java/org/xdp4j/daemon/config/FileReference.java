package org.xdp4j.daemon.config;

import java.nio.file.Files;
import java.nio.file.Path;

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
