package org.xdp4j.bench;

import com.sun.management.ThreadMXBean;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.xdp4j.bench.VerifierPrograms.Sample;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.bpf.verifier.Verifier;
import org.xdp4j.bpf.verifier.VerifierException;

/**
 * How long a proof takes, here and in the running kernel, on the same programs: warm, and the first
 * of all in a JVM of its own. Times are CPU time of the thread that proves, so that other work on
 * the machine counts as little as can be: the least of several rounds. The kernel's is the lesser
 * of what it states itself ({@code verification time}, as a clock on the wall says) and the CPU
 * time of the system call, which also compiles.
 */
final class VerifierBenchmark implements Benchmark {
  private static final int ROUNDS = 9;
  private static final long WARM_NANOS = 2_000_000_000L;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final Pattern TIME = Pattern.compile("verification time (\\d+) usec");
  private static final Pattern STATES =
      Pattern.compile("processed (\\d+) insns .*total_states (\\d+) peak_states (\\d+)");

  /** What one proof took; of the kernel's own, its counts of states. */
  private record Proof(double millis, long processed, int states, int peak) {}

  @Override
  public String name() {
    return "verifier";
  }

  @Override
  public String what() {
    return "time of a proof, beside the kernel's verifier";
  }

  @Override
  public void run(Path root, Report report) throws Exception {
    PrintStream out = report.out();
    boolean kernel = KernelOracle.available();
    if (!kernel) {
      out.println("verifier: bpf(2) is not available, so there is no kernel to compare with");
    }
    out.println("verifier: instructions followed, milliseconds a proof, warm and cold");
    out.printf(
        "  %-24s %9s %9s %9s %9s %6s %9s %9s %6s %15s%n",
        "program",
        "kernel",
        "here",
        "kernel ms",
        "warm ms",
        "ratio",
        "M insn/s",
        "cold ms",
        "MB",
        "kernel's states");
    List<Sample> samples = VerifierPrograms.all(root);
    for (int i = 0; i < samples.size(); i++) {
      String cold = Jvm.output(VerifierBenchmark.class, List.of(), root.toString(), "" + i);
      print(samples.get(i), kernel, cold, out);
    }
    print(VerifierPrograms.endless(), kernel, "", out);
  }

  /** In a JVM of its own: the first proof, in milliseconds of CPU and on the wall. */
  public static void main(String[] args) throws Exception {
    Sample sample = VerifierPrograms.all(Path.of(args[0])).get(Integer.parseInt(args[1]));
    long begin = System.nanoTime();
    double cpu = prove(sample).millis();
    System.out.printf("%.0f/%.0f%n", cpu, (System.nanoTime() - begin) / 1e6);
  }

  private static void print(Sample sample, boolean kernel, String cold, PrintStream out) {
    Proof here = warm(sample);
    Proof there = kernel ? inKernel(sample) : new Proof(Double.NaN, 0, 0, 0);
    out.printf(
        "  %-24s %,9d %,9d %9.2f %9.2f %6.2f %9.2f %9s %6.1f %15s%n",
        sample.name(),
        there.processed(),
        here.processed(),
        there.millis(),
        here.millis(),
        here.millis() / there.millis(),
        here.processed() / here.millis() / 1e3,
        cold,
        allocated(sample) / 1e6,
        there.states() + "/" + there.peak());
  }

  private static Proof warm(Sample sample) {
    long begin = System.nanoTime();
    Proof proof;
    do {
      proof = prove(sample);
    } while (System.nanoTime() - begin < WARM_NANOS);
    Samples times = new Samples(ROUNDS);
    for (int i = 0; i < ROUNDS; i++) {
      times.add(prove(sample).millis());
    }
    return new Proof(times.least(), proof.processed(), 0, 0);
  }

  private static Proof prove(Sample sample) {
    long begin = THREADS.getCurrentThreadCpuTime();
    long processed;
    try {
      processed = Verifier.verify(sample.program(), sample.maps()).processed();
    } catch (VerifierException e) {
      processed = e.processed();
    }
    return new Proof((THREADS.getCurrentThreadCpuTime() - begin) / 1e6, processed, 0, 0);
  }

  /** Of buffers a CPU there are as many as CPUs, when their number is left open. */
  private static MapSpec sized(MapSpec spec) {
    boolean open = spec.type() == MapType.PERF_EVENT_ARRAY && spec.maxEntries() == 0;
    return open ? spec.withMaxEntries(KernelOracle.possibleCpus()) : spec;
  }

  /** Bytes of heap that one proof allocates. */
  private static long allocated(Sample sample) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    prove(sample);
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  private static Proof inKernel(Sample sample) {
    List<MapSpec> specs = sample.maps().stream().map(VerifierBenchmark::sized).toList();
    List<KernelMap> maps = KernelOracle.createMaps(sample.program(), specs);
    try {
      Samples times = new Samples(ROUNDS);
      Matcher states = null;
      for (int i = 0; i < ROUNDS; i++) {
        long begin = THREADS.getCurrentThreadCpuTime();
        KernelOracle.Verdict verdict =
            KernelOracle.load(sample.program(), maps, KernelOracle.LOG_STATISTICS);
        double cpu = (THREADS.getCurrentThreadCpuTime() - begin) / 1e6;
        if (verdict.accepted()) {
          verdict.program().close();
        }
        Matcher time = TIME.matcher(verdict.log());
        states = STATES.matcher(verdict.log());
        if (!time.find() || !states.find()) {
          throw new IllegalStateException(sample.name() + ": " + verdict.log());
        }
        times.add(Math.min(cpu, Integer.parseInt(time.group(1)) / 1e3));
      }
      return new Proof(
          times.least(),
          Long.parseLong(states.group(1)),
          Integer.parseInt(states.group(2)),
          Integer.parseInt(states.group(3)));
    } finally {
      maps.stream().filter(m -> m != null).forEach(KernelMap::close);
    }
  }
}
