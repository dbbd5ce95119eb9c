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
}
