package org.xdp4j.bench;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * What one workload came to, round by round, in nanoseconds of CPU a frame.
 *
 * @param ours net of {@code harness}
 * @param harness ours, of a program that only drops
 * @param kernel net of {@code testRun}; null without a kernel to ask
 * @param testRun the kernel's, of the same program; null likewise
 * @param allocated bytes of heap a frame, ours
 */
record ProgramResult(
    double[] ours, double[] harness, double[] kernel, double[] testRun, double allocated) {

  /** As text, for {@link #parse}. */
  String text() {
    return String.join(
        "\n", line(ours), line(harness), line(kernel), line(testRun), "" + allocated);
  }

  private static String line(double[] values) {
    return values == null
        ? "-"
        : Arrays.stream(values).mapToObj(Double::toString).collect(Collectors.joining(" "));
  }

  static ProgramResult parse(String text) {
    String[] lines = text.split("\n");
    return new ProgramResult(
        values(lines[0]),
        values(lines[1]),
        values(lines[2]),
        values(lines[3]),
        Double.parseDouble(lines[4]));
  }

  private static double[] values(String line) {
    return line.equals("-")
        ? null
        : Arrays.stream(line.split(" ")).mapToDouble(Double::parseDouble).toArray();
  }

  Row row(ProgramWorkload workload) {
    Samples net = Samples.of(ours);
    Row row =
        kernel == null
            ? Row.withoutPeer(
                "programs",
                workload.name(),
                Unit.NANOS_A_FRAME,
                net,
                "kernel JIT",
                "bpf(2) needs Linux and root")
            : Row.of(
                "programs",
                workload.name(),
                Unit.NANOS_A_FRAME,
                net,
                "kernel JIT",
                Samples.of(kernel),
                workload.bar());
    return row.allocating(allocated);
  }
}
