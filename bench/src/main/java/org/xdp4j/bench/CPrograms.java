package org.xdp4j.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The peers in C, built when they are needed. */
final class CPrograms implements AutoCloseable {
  private final Path sources;
  private final Path folder;
  private final String compiler;

  /** Finds a compiler. */
  CPrograms(Path root) throws IOException {
    this.sources = root.resolve("bench/src/main/c");
    this.folder = Files.createTempDirectory("xdp4j-bench");
    this.compiler =
        Arrays.asList("cc", "gcc", "clang", "clang-19").stream()
            .filter(Processes::installed)
            .findFirst()
            .orElse(null);
  }

  /** Why there can be none, or null. */
  String missing() {
    return compiler == null ? "there is no C compiler (package gcc)" : null;
  }

  /**
   * Builds one.
   *
   * @return the program, or null when the source says that something for it is not installed
   */
  String build(String name, String... options) throws IOException, InterruptedException {
    Path program = folder.resolve(name + String.join("", options));
    List<String> command = new ArrayList<>(List.of(compiler, "-O2", "-o", program.toString()));
    command.add(sources.resolve(name + ".c").toString());
    command.addAll(List.of(options));
    try {
      Namespaces.run(command);
      return program.toString();
    } catch (IOException e) {
      if (e.getMessage().contains("not installed: ")) {
        return null;
      }
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
