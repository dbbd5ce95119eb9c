package org.xdp4j.engine.forward;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/** What changes when a file's contents do. */
record FileStamp(long size, FileTime modified, Object key) {
  /** Of the file as it is now; all zero when it cannot be asked. */
  static FileStamp of(Path file) {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return new FileStamp(now.size(), now.lastModifiedTime(), now.fileKey());
    } catch (IOException e) {
      return new FileStamp(0, FileTime.fromMillis(0), null);
    }
  }
}
