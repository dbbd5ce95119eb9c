package org.xdp4j.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
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
  void capturesAreReadAndCutDownWhetherPeersAreThereOrNot() throws Exception {
    assertThat(run("--quick", "captures")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains(
            "| captures  | read every record, 64 B",
            "| captures  | udp port 53 to a capture, IMIX, warm",
            "| captures  | udp port 53 to a capture, 64 B, cold process",
            "| captures  | udp port 53 of a capture in memory to null, 64 B");
  }

  @Test
  void framesCrossVethsAndNoNamespaceIsLeft() throws Exception {
    assumeTrue(Namespaces.missing() == null, Namespaces.missing());
    assertThat(run("--quick", "veth")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains(
            "| veth      | veth receive, 64 bytes, 1 core, AF_XDP copy mode",
            "| veth      | veth receive, 64 bytes, 1 core, TPACKET_V3",
            "| veth      | veth forward, 64 bytes, 1 core, AF_XDP copy mode");
    assertThat(Namespaces.run(List.of("ip", "netns", "list")))
        .doesNotContain("xdp4j-bench-" + ProcessHandle.current().pid() + "-");
  }

  @Test
  void whatIsNoBenchmarkIsNamed() throws Exception {
    assertThat(run("stedy")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .startsWith("bench: no benchmark stedy; there are ")
        .contains("steady");
  }
}
