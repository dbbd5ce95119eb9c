package org.xdp4j.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import org.xdp4j.bpf.XdpAction;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.ObjectReader;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.text.MapAssignment;

/**
 * Programs and map look-ups, compiled here and by the running kernel's JIT: the same objects, the
 * same frame, the same map contents. Both sides are timed in turn, round after round, in one JVM a
 * workload, and what the harness costs by itself, a program that only drops, is taken off each side
 * in the round it was measured in.
 *
 * <p>{@code -Dprograms.only=REGEX} leaves out workloads whose name does not contain it.
 */
final class ProgramsBenchmark implements Benchmark {
  private static final int ABORTED = XdpAction.ABORTED.ordinal();
  private static final String DROP = "filters/drop.bpf.o";
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** What the launcher gives the daemon's JVM, and heap for a million routes. */
  private static final List<String> OPTIONS =
      List.of("-XX:+UseSerialGC", "-XX:CompilerThreadStackSize=4096", "-Xmx3g");

  /** How long to run: in a round, and before the first. */
  private record Pace(int rounds, double roundNanos, double warmNanos) {
    static final Pace FULL = new Pace(9, 60e6, 1.5e9);
    static final Pace QUICK = new Pace(1, 1e6, 1e6);
  }

  @Override
  public String name() {
    return "programs";
  }

  @Override
  public String what() {
    return "programs and map look-ups net of the harness, beside the kernel's JIT";
  }

  @Override
  public void run(Path root, Report report) throws Exception {
    String only = ".*" + System.getProperty("programs.only", "") + ".*";
    List<ProgramWorkload> workloads = ProgramWorkload.all();
    for (int i = 0; i < workloads.size(); i++) {
      ProgramWorkload workload = workloads.get(i);
      if (report.quick() ? workload.isSmall() : workload.name().matches(only)) {
        report.add(
            report.quick()
                ? measure(root, workload, Pace.QUICK).row(workload)
                : inOwnJvm(root, i).row(workload));
      }
    }
  }

  private static ProgramResult inOwnJvm(Path root, int number) throws Exception {
    return ProgramResult.parse(
        Jvm.output(ProgramsBenchmark.class, OPTIONS, root.toString(), "" + number));
  }

  /** In a JVM of its own: one workload. */
  public static void main(String[] args) throws Exception {
    ProgramWorkload workload = ProgramWorkload.all().get(Integer.parseInt(args[1]));
    System.out.println(measure(Path.of(args[0]), workload, Pace.FULL).text());
  }

  private static ProgramResult measure(Path root, ProgramWorkload workload, Pace pace)
      throws Exception {
    BpfObject drop = ObjectReader.read(root.resolve(DROP));
    BpfObject object = prepared(root, workload);
    try (Region region = Region.reserve(1L << 30);
        OurSide ours =
            new OurSide(
                region, object, workload.program(), workload.contents(), workload.frames());
        OurSide harness = new OurSide(region, drop, "drop", List.of(), workload.frames())) {
      if (!KernelOracle.available()) {
        return measure(pace, workload.churn(), ours, harness, null, null);
      }
      try (KernelSide kernel =
              new KernelSide(object, workload.program(), workload.contents(), workload.frames());
          KernelSide testRun = new KernelSide(drop, "drop", List.of(), workload.frames())) {
        ProgramResult result = measure(pace, workload.churn(), ours, harness, kernel, testRun);
        if (!ours.ended(kernel.lastVerdict())) {
          throw new IllegalStateException(
              workload.name() + " never ends in " + kernel.lastVerdict() + ", as the kernel's did");
        }
        if (ours.ended(ABORTED) && kernel.lastVerdict() != ABORTED) {
          throw new IllegalStateException(workload.name() + " aborts here, and not in the kernel");
        }
        return result;
      }
    }
  }

  private static BpfObject prepared(Path root, ProgramWorkload workload) throws Exception {
    BpfObject object = ObjectReader.read(root.resolve(workload.object()));
    for (String setting : workload.settings()) {
      object = MapAssignment.prepare(object, List.of(MapAssignment.parse(setting)));
    }
    return new BpfObject(
        object.file(),
        object.programs(),
        object.maps().stream()
            .map(m -> m.withMaxEntries(workload.sizes().getOrDefault(m.name(), m.maxEntries())))
            .toList(),
        object.btf(),
        object.license());
  }

  private static ProgramResult measure(Pace pace, int churn, ProgramSide... sides) {
    int[] times = new int[sides.length];
    for (int i = 0; i < sides.length; i++) {
      times[i] = sides[i] == null ? 0 : warm(sides[i], pace);
    }
    double[][] nanos = new double[sides.length][pace.rounds()];
    long allocated = 0;
    for (int round = 0; round < pace.rounds(); round++) {
      for (int i = 0; i < sides.length; i++) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        boolean isHarness = i % 2 == 1;
        try (Churn changes = new Churn(sides[i], isHarness || sides[i] == null ? 0 : churn)) {
          changes.start();
          nanos[i][round] = sides[i] == null ? 0 : sides[i].run(times[i]);
        }
        allocated += i == 0 ? THREADS.getCurrentThreadAllocatedBytes() - before : 0;
      }
      nanos[0][round] -= nanos[1][round];
      nanos[2][round] -= nanos[3][round];
    }
    boolean alone = sides[2] == null;
    return new ProgramResult(
        nanos[0],
        nanos[1],
        alone ? null : nanos[2],
        alone ? null : nanos[3],
        (double) allocated / ((double) pace.rounds() * times[0]));
  }

  /** Runs until compiled; how often it runs in a round. */
  private static int warm(ProgramSide side, Pace pace) {
    double spent = 0;
    double nanos = 0;
    int times = OurSide.BATCH * 16;
    while (spent < pace.warmNanos()) {
      nanos = Math.max(1, side.run(times));
      spent += nanos * times;
      times = (int) Math.min(1 << 22, Math.max(times, pace.roundNanos() / nanos / 4));
    }
    return (int) Math.max(OurSide.BATCH, pace.roundNanos() / nanos);
  }
}
