package org.xdp4j.daemon.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A daemon in a process of its own. */
final class DaemonProcess implements AutoCloseable {
  private static final int PATIENCE = 60;

  private final Process process;
  private final Path out;
  private final Path err;

  private DaemonProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /** Starts one and waits until it is ready. */
  static DaemonProcess start(Path directory, Map<String, String> environment, String... arguments)
      throws Exception {
    DaemonProcess daemon = launch(directory, environment, arguments);
    daemon.awaitReady();
    return daemon;
  }

  private void awaitReady() throws Exception {
    try {
      awaitLine(out, "ready");
    } catch (Exception | AssertionError e) {
      close();
      throw e;
    }
  }

  /** The same, by somebody who ignores signals that mean something to a daemon. */
  static DaemonProcess startIgnoring(Path directory, String signals, String... arguments)
      throws Exception {
    List<String> shell = List.of("sh", "-c", "trap '' " + signals + "; exec \"$@\"", "sh");
    Map<String, String> environment = Map.of("XDP4J_SOCKET", directory + "/c");
    DaemonProcess daemon = launch(directory, environment, shell, arguments);
    daemon.awaitReady();
    return daemon;
  }

  /** Starts one. */
  static DaemonProcess launch(Path directory, Map<String, String> environment, String... arguments)
      throws Exception {
    return launch(directory, environment, List.of(), arguments);
  }

  private static DaemonProcess launch(
      Path directory, Map<String, String> environment, List<String> before, String... arguments)
      throws Exception {
    Path out = Files.createTempFile(directory, "out", "");
    Path err = Files.createTempFile(directory, "err", "");
    List<String> command = new ArrayList<>(before);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx256m",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            "org.xdp4j.daemon.cli.Main",
            "run"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.redirectOutput(out.toFile()).redirectError(err.toFile());
    return new DaemonProcess(builder.start(), out, err);
  }

  /** Sends it a signal. */
  void signal(String name) throws Exception {
    String pid = String.valueOf(process.pid());
    assertThat(new ProcessBuilder("kill", "-" + name, pid).start().waitFor()).isZero();
  }

  /** Sends it a signal two times, a moment between them. */
  void signalTwice(String name) throws Exception {
    String kill = "kill -" + name + " " + process.pid();
    String twice = kill + "; sleep 0.003; " + kill + " 2>/dev/null || true";
    assertThat(new ProcessBuilder("sh", "-c", twice).start().waitFor()).isZero();
  }

  /** Waits until there is a line with this on the log. */
  void awaitLog(String text) throws Exception {
    awaitLine(err, text);
  }

  private void awaitLine(Path file, String text) throws Exception {
    for (int i = 0; i < PATIENCE * 100; i++) {
      if (Files.readString(file).contains(text)) {
        return;
      }
      assertThat(process.isAlive() || Files.readString(file).contains(text))
          .as("it lives: %s%s", out(), err())
          .isTrue();
      Thread.sleep(10);
    }
    assertThat(out() + err()).contains(text);
  }

  /** Waits until it has ended. */
  int await() throws Exception {
    assertThat(process.waitFor(PATIENCE, TimeUnit.SECONDS)).as("it ends").isTrue();
    return process.exitValue();
  }

  String out() throws Exception {
    return Files.readString(out);
  }

  String err() throws Exception {
    return Files.readString(err);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
