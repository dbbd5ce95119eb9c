package org.xdp4j.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A side of a comparison in a process of its own, which measures when it is told to and is idle
 * otherwise: a line with a number of milliseconds is answered by a line of figures.
 */
final class Side implements AutoCloseable {
  private final List<String> command;
  private final Process process;
  private final PrintStream questions;
  private final BufferedReader answers;

  Side(List<String> command) throws IOException {
    this.command = command;
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    questions = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    answers = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Has it measure. */
  double[] measure(long millis) throws IOException {
    questions.println(millis);
    String answer = answers.readLine();
    if (answer == null) {
      throw new IOException(String.join(" ", command) + " ended");
    }
    return Arrays.stream(answer.split(" ")).mapToDouble(Double::parseDouble).toArray();
  }

  @Override
  public void close() {
    questions.close();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
