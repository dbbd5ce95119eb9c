package org.xdp4j.engine.forward;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.xdp4j.engine.plan.ProgramPlan;

/** What changes when a file's contents do. */
record FileStamp(long size, FileTime modified, Object key) {
  /** Of the files a program is made of, as they are now. */
  static List<FileStamp> of(ProgramPlan program) {
    Stream<Path> own =
        Stream.of(program.object(), program.kernel().kconfig(), program.kernel().btf());
    return Stream.concat(own, program.replaced().stream().map(ProgramPlan.Replaced::object))
        .filter(Objects::nonNull)
        .map(FileStamp::of)
        .toList();
  }

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
