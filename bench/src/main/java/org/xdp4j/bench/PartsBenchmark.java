package org.xdp4j.bench;

import java.nio.file.Path;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** The parts of a frame's way, by JMH: rings, loads, lookups, flow hash, checksum, routes. */
final class PartsBenchmark implements Benchmark {
  private static final String ALLOCATED = "gc.alloc.rate.norm";

  @Override
  public String name() {
    return "parts";
  }

  @Override
  public String what() {
    return "rings, loads, map lookups, flow hash, checksum and routes, by JMH";
  }

  @Override
  public void run(Path root, Report report) throws Exception {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(Parts.class.getName() + ".*")
            .forks(report.quick() ? 0 : 1)
            .warmupIterations(report.quick() ? 0 : 3)
            .warmupTime(TimeValue.milliseconds(700))
            .measurementIterations(report.quick() ? 1 : 5)
            .measurementTime(TimeValue.milliseconds(report.quick() ? 5 : 500))
            .jvmArgsAppend("--enable-native-access=ALL-UNNAMED")
            .shouldDoGC(false)
            .verbosity(VerboseMode.SILENT)
            .addProfiler(GCProfiler.class);
    for (RunResult result : new Runner(options.build()).run()) {
      report.add(row(result));
    }
  }

  private static Row row(RunResult result) {
    String label = result.getParams().getBenchmark();
    Samples nanos = new Samples(8);
    for (IterationResult iteration :
        result.getBenchmarkResults().iterator().next().getIterationResults()) {
      nanos.add(iteration.getPrimaryResult().getScore());
    }
    Result<?> allocated = result.getSecondaryResults().get(ALLOCATED);
    return Row.alone("parts", label.substring(label.lastIndexOf('.') + 1), Unit.NANOS_A_CALL, nanos)
        .allocating(allocated == null ? Double.NaN : allocated.getScore());
  }
}
