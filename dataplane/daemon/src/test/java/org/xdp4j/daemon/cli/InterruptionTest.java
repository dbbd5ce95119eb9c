package org.xdp4j.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InterruptionTest {
  private static final int PCAP_HEADER = 24;

  /** More than is gathered before anything is written. */
  private static final int ENOUGH = 3 << 20;

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143"})
  void aReplayThatWaitsForStandardInputEndsWithItsBalanceAndAWholeFile(String signal, int status)
      throws Exception {
    Path out = directory.resolve("out.pcapng");
    Path shown = directory.resolve("shown");
    Path said = directory.resolve("said");
    Process process =
        new ProcessBuilder(
                "env", // a build in the background ignores Ctrl-C, and so would its children
                "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName(),
                "replay",
                "--program",
                Invocation.ROOT.resolve("filters/pass.bpf.o").toString(),
                "--out",
                out.toString(),
                "-")
            .redirectOutput(shown.toFile())
            .redirectError(said.toFile())
            .start();
    try {
      feed(process.getOutputStream());
      while (process.isAlive() && (!Files.exists(out) || Files.size(out) == 0)) {
        Thread.sleep(10);
      }
      String pid = String.valueOf(process.pid());
      assertThat(new ProcessBuilder("kill", "-" + signal, pid).start().waitFor()).isZero();
      assertThat(process.waitFor()).isEqualTo(status);
    } finally {
      process.destroyForcibly();
    }
    assertThat(shown).content().containsPattern("received = [1-9][0-9,]* passed");
    assertThat(said).content().contains("interrupted; what is shown is the balance so far");
    assertThat(Invocation.of("capture-info", out.toString()).status()).isZero();
  }

  /** Writes a capture and leaves the stream open. */
  private static void feed(OutputStream to) throws IOException {
    byte[] capture = Files.readAllBytes(Invocation.ROOT.resolve("pcaps/http.pcap"));
    byte[] records = Arrays.copyOfRange(capture, PCAP_HEADER, capture.length);
    to.write(capture);
    for (int written = 0; written < ENOUGH; written += records.length) {
      to.write(records);
    }
    to.flush();
  }
}
