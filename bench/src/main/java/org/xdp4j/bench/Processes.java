package org.xdp4j.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Whole processes, timed. */
final class Processes {
  private Processes() {}

  /** Whether a command is on the path. */
  static boolean installed(String command) {
    for (String folder : System.getenv().getOrDefault("PATH", "").split(":")) {
      if (Files.isExecutable(Path.of(folder, command))) {
        return true;
      }
    }
    return false;
  }

  /** Seconds from start to exit; output is thrown away. */
  static double seconds(List<String> command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    long begin = System.nanoTime();
    int status = builder.start().waitFor();
    long nanos = System.nanoTime() - begin;
    if (status != 0) {
      throw new IOException(String.join(" ", command) + " ended with status " + status);
    }
    return nanos / 1e9;
  }
}
