package org.xdp4j.bench;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** {@code bench/run [NAME…]}: runs the named benchmarks, or all of them, one after the other. */
public final class Main {
  private static final List<Benchmark> BENCHMARKS =
      List.of(
          new ReplayBenchmark(),
          new SteadyStateBenchmark(),
          new MemoryModelBenchmark(),
          new SplitBenchmark(),
          new VerifierBenchmark());

  private Main() {}

  public static void main(String[] args) throws Exception {
    Path root = Path.of(System.getProperty("xdp4j.root", ".")).toAbsolutePath().normalize();
    String names = BENCHMARKS.stream().map(Benchmark::name).collect(Collectors.joining(", "));
    for (String arg : args) {
      if (BENCHMARKS.stream().noneMatch(b -> b.name().equals(arg))) {
        System.err.println("no benchmark named " + arg + "; there are " + names);
        System.exit(2);
      }
    }
    System.out.printf(
        "%s, %s, %d CPUs%n",
        System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        Runtime.getRuntime().availableProcessors());
    for (Benchmark benchmark : BENCHMARKS) {
      if (args.length == 0 || Arrays.asList(args).contains(benchmark.name())) {
        benchmark.run(root, System.out);
      }
    }
  }
}
