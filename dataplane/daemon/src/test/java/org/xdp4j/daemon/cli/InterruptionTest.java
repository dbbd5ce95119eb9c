package org.xdp4j.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InterruptionTest {
  private static final int PCAP_HEADER = 24;

  /** More than is gathered before anything is written. */
  private static final int ENOUGH = 3 << 20;

  @TempDir private Path directory;

  @Test
  void aReplayThatWaitsForStandardInputEndsWithItsBalanceAndAWholeFile() throws Exception {
    Path out = directory.resolve("out.pcapng");
    Path shown = directory.resolve("shown");
    Path said = directory.resolve("said");
    Process process =
        new ProcessBuilder(
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
      process.toHandle().destroy();
      assertThat(process.waitFor()).isEqualTo(ExitStatus.INTERRUPTED);
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
