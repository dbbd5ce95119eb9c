package org.xdp4j.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes what {@code bench/run} needs to start the benchmarks without Maven, so that arguments,
 * signals and exit statuses are theirs alone: the JVM it runs on, and its class path.
 */
final class RunFile {
  private RunFile() {}

  public static void main(String[] args) throws IOException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Files.write(Path.of(args[0]), List.of(java.toString(), System.getProperty("java.class.path")));
  }
}
