package org.xdp4j.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.daemon.control.Daemon;

/** How verbs that go on end: when nobody reads them any more, and with Ctrl-C. */
class VerbEndTest {
  private static final Path SCRIPT = Path.of("/usr/bin/script");
  private static final int PATIENCE = 30;

  @TempDir static Path folder;
  private static Daemon daemon;

  @BeforeAll
  static void start() throws Exception {
    daemon = Daemon.start(folder, Daemon.busy());
  }

  @AfterAll
  static void stop() {
    daemon.close();
  }

  private static List<String> command(String verb) {
    List<String> command = new ArrayList<>();
    // A build in the background ignores Ctrl-C, and so would its children.
    command.addAll(List.of("env", "--default-signal=INT"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp"));
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(Main.class.getName());
    command.addAll(List.of(verb.split(" ")));
    command.addAll(List.of("--socket", daemon.socket()));
    return command;
  }

  @ParameterizedTest
  @ValueSource(strings = {"top -i 0.2", "trace --count 1000", "capture --write -"})
  void endsQuietlyWhenItsReaderGoes(String verb) throws Exception {
    endsWithItsReader(verb, process -> assertThat(process.getInputStream().read()).isNotNegative());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "events --event worker-failed",
        "trace udp port 1",
        "capture --write - udp port 1"
      })
  void endsWhenItsReaderGoesThoughThereIsNothingToSay(String verb) throws Exception {
    // Whether it waits by then or comes to it: it ends.
    endsWithItsReader(verb, process -> Thread.sleep(300));
  }

  /** What is waited for before the reader goes. */
  @FunctionalInterface
  private interface Meanwhile {
    void await(Process process) throws Exception;
  }

  private void endsWithItsReader(String verb, Meanwhile before) throws Exception {
    Path said = folder.resolve("said");
    Process process = new ProcessBuilder(command(verb)).redirectError(said.toFile()).start();
    try {
      before.await(process);
      process.getInputStream().close();
      assertThat(process.waitFor(PATIENCE, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(ExitStatus.BROKEN_PIPE);
      assertThat(said).content().isEmpty();
    } finally {
      process.destroyForcibly();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  void aCaptureThatIsInterruptedIsWhole(String signal) throws Exception {
    Path file = folder.resolve("whole-" + signal + ".pcapng");
    Path said = folder.resolve("said");
    Process process =
        new ProcessBuilder(command("capture --write " + file)).redirectError(said.toFile()).start();
    try {
      while (process.isAlive() && (!Files.exists(file) || Files.size(file) < 1 << 16)) {
        Thread.sleep(10);
      }
      signal(process, signal);
      assertThat(process.waitFor(PATIENCE, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(ExitStatus.OK);
    } finally {
      process.destroyForcibly();
    }
    assertThat(said).content().contains(" frames captured").hasLineCount(1);
    Invocation info = Invocation.of("capture-info", file.toString());
    assertThat(info.err()).isEmpty();
    assertThat(info.status()).isZero();
  }

  /** Without --count a signal is its end; with it, it has not come to what it was asked for. */
  @ParameterizedTest
  @CsvSource({
    "TERM, 0, events --event worker-failed",
    "INT, 130, events --count 1000000000",
    "TERM, 143, events --count 1000000000",
    "TERM, 143, capture --count 1000000000 --write -",
  })
  void endsWithTheSignalWhenItIsNotDone(String signal, int status, String verb) throws Exception {
    Path said = folder.resolve("said");
    ProcessBuilder builder = new ProcessBuilder(command(verb)).redirectError(said.toFile());
    Process process = builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    try {
      while (process.isAlive() && daemon.server().connections() == 0) {
        Thread.sleep(10);
      }
      Thread.sleep(100); // until it has its answer, and listens to signals
      signal(process, signal);
      assertThat(process.waitFor(PATIENCE, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(status);
    } finally {
      process.destroyForcibly();
    }
    assertThat(said).content().doesNotContain("xdp4j: ");
  }

  private static void signal(Process process, String name) throws Exception {
    String pid = String.valueOf(process.pid());
    assertThat(new ProcessBuilder("kill", "-" + name, pid).start().waitFor()).isZero();
  }

  @Test
  void topGivesTheTerminalBackAfterCtrlC() throws Exception {
    assumeTrue(Files.isExecutable(SCRIPT), "there is no " + SCRIPT + " to make a terminal with");
    String inTerminal = "stty cols 40 rows 10; exec " + String.join(" ", command("top -i 0.2"));
    ProcessBuilder builder =
        new ProcessBuilder(SCRIPT.toString(), "-qec", inTerminal, "/dev/null")
            .redirectErrorStream(true);
    builder.environment().put("TERM", "xterm");
    builder.environment().remove("NO_COLOR");
    Process process = builder.start();
    try {
      StringBuilder screen = new StringBuilder();
      readUntil(process.getInputStream(), screen, "PORT");
      process.getOutputStream().write(3);
      process.getOutputStream().flush();
      readUntil(process.getInputStream(), screen, null);
      assertThat(process.waitFor(PATIENCE, TimeUnit.SECONDS)).isTrue();
      assertThat(screen).startsWith("\033[?1049h\033[?25l").endsWith("\033[?25h\033[?1049l");
      assertThat(process.exitValue()).isEqualTo(ExitStatus.INTERRUPTED);
      for (String line : screen.toString().split("[\r\n]+")) {
        assertThat(line.replaceAll("\033\\[[0-9;?]*[A-Za-z]", "").length()).isLessThan(41);
      }
    } finally {
      process.destroyForcibly();
    }
  }

  private static void readUntil(InputStream from, StringBuilder to, String text) throws Exception {
    byte[] buffer = new byte[8192];
    while (text == null || to.indexOf(text) < 0) {
      int count = from.read(buffer);
      if (count < 0) {
        return;
      }
      to.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
    }
  }
}
