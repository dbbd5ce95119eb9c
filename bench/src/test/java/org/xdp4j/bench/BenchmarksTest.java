package org.xdp4j.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Benchmarks work, whatever they find: a short run of those that need no process of their own. */
class BenchmarksTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... args) throws Exception {
    return Main.run(
        args,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  @Test
  void aQuickRunEndsInATableWithARowAWorkload() throws Exception {
    assertThat(run("--quick", "steady")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("| benchmark ", "| steady    | firewall, capture, 1 worker")
        .doesNotContain("kept as");
    assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  @Test
  void jsonHasTheMachineAndTheRowsAndNothingBeside() throws Exception {
    assertThat(run("--json", "--quick", "steady")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .startsWith("{")
        .contains("\"cpus\" : ", "\"workload\" : \"pass, capture, 1 worker\"", "\"median\"");
  }

  @Test
  void programsEndInTheSameVerdictsInTheKernelWhereThereIsOne() throws Exception {
    assertThat(run("--quick", "programs")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("| programs  | parse and count", "| programs  | flows, LRU hash, 4k");
  }

  @Test
  void thePathOfAFrameIsMeasuredWhetherItsPeersAreThereOrNot() throws Exception {
    assertThat(run("--quick", "path")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains(
            "| path      | null in, program, null out: untouched",
            "| path      | ring to ring, program: parsed, MACs swapped",
            "| path      | router hop by a program, 4,096 routes");
  }

  @Test
  void whatIsNoBenchmarkIsNamed() throws Exception {
    assertThat(run("stedy")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .startsWith("bench: no benchmark stedy; there are ")
        .contains("steady");
  }
}
