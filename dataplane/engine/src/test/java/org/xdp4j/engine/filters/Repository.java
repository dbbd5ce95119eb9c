package org.xdp4j.engine.filters;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Where the repository keeps what these tests read. */
final class Repository {
  static final Path TOP = Path.of(System.getProperty("xdp4j.root"));
  static final Path FILTERS = TOP.resolve("filters");
  static final Path CAPTURES = TOP.resolve("pcaps");
  static final Path GOLDEN = TOP.resolve("dataplane/engine/src/test/resources/golden");

  private Repository() {}

  /** The files of a folder whose names match {@code pattern}, sorted; none when it is missing. */
  static List<Path> files(Path folder, String pattern) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.getFileName().toString().matches(pattern)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<Path> objects() {
    return files(FILTERS, ".*\\.bpf\\.o");
  }

  static List<Path> captures() {
    return files(CAPTURES, ".*\\.(pcap|pcapng)(\\.gz)?");
  }
}
