package org.xdp4j.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Outputs for which there is no room: one sentence, with file and reason. */
class FullDiskTest {
  private static final Path FULL = Path.of("/dev/full");

  @BeforeEach
  void needsAFullDevice() {
    assumeTrue(Files.exists(FULL), "there is no " + FULL);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "replay --events /dev/full --program filters/perf_sampler.bpf.o pcaps/mixed.pcapng",
        "replay --out /dev/full --program filters/pass.bpf.o pcaps/mixed.pcapng",
        "replay --dropped /dev/full --program filters/drop.bpf.o pcaps/mixed.pcapng",
        "verify --counterexample /dev/full filters/mistakes/no_dns.bpf.o",
      })
  void isOneSentence(String command) {
    String[] arguments = command.split(" ");
    for (int i = 0; i < arguments.length; i++) {
      Path file = Invocation.ROOT.resolve(arguments[i]);
      arguments[i] = i > 0 && Files.exists(file) ? file.toString() : arguments[i];
    }
    Invocation ran = Invocation.of(arguments);
    assertThat(ran.status()).isEqualTo(ExitStatus.UNUSABLE);
    assertThat(ran.err().lines().filter(line -> line.startsWith("xdp4j: ")))
        .singleElement()
        .asString()
        .containsOnlyOnce("/dev/full")
        .containsOnlyOnce("cannot ")
        .endsWith(": No space left on device");
  }
}
