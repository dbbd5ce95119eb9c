package org.xdp4j.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A peer written in C, in {@code bench/peers}, built by the system's compiler when it is wanted.
 */
final class CPeer {
  /** How to get a compiler. */
  static final String INSTALL = "no C compiler; apt-get install gcc libc6-dev";

  private final Path program;

  private CPeer(Path program) {
    this.program = program;
  }

  /**
   * Builds one.
   *
   * @param libraries to link with, as in {@code -ldl}
   * @return null when there is no compiler
   */
  static CPeer build(Path root, String name, String... libraries)
      throws IOException, InterruptedException {
    if (!Processes.installed("cc")) {
      return null;
    }
    Path source = root.resolve("bench/peers/" + name + ".c");
    Path program =
        Files.createDirectories(root.resolve("bench/target/peers")).resolve(name).toAbsolutePath();
    List<String> command =
        new ArrayList<>(
            List.of("cc", "-O3", "-march=native", "-o", program.toString(), source.toString()));
    command.addAll(List.of(libraries));
    Process cc = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(cc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (cc.waitFor() != 0) {
      throw new IOException(source + " cannot be built: " + said);
    }
    return new CPeer(program);
  }

  /** Its command line. */
  List<String> command(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(List.of(arguments));
    return command;
  }

  /**
   * Runs it and returns the number it prints last.
   *
   * @throws IOException when it fails, with its status
   */
  double figure(String... arguments) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command(arguments))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int status = process.waitFor();
    if (status != 0) {
      throw new IOException(program + " ended with status " + status);
    }
    String[] lines = said.strip().split("\n");
    return Double.parseDouble(lines[lines.length - 1]);
  }
}
