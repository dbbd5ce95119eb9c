package org.xdp4j.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** {@code bench/run [--json] [--quick] [NAME…]}: runs the named benchmarks, or all of them. */
public final class Main {
  private static final List<Benchmark> BENCHMARKS =
      List.of(
          new ReplayBenchmark(),
          new CapturesBenchmark(),
          new SteadyStateBenchmark(),
          new PathBenchmark(),
          new ForwardBenchmark(),
          new ScalingBenchmark(),
          new LatencyBenchmark(),
          new CollectorsBenchmark(),
          new PartsBenchmark(),
          new MemoryModelBenchmark(),
          new SplitBenchmark(),
          new VerifierBenchmark(),
          new TapBenchmark(),
          new TcpBenchmark(),
          new VethBenchmark(),
          new ProgramsBenchmark(),
          new SwapBenchmark());

  private static final String HELP =
      """
      Usage: bench/run [--json] [--quick] [--list] [NAME...]

      Runs the named benchmarks, or all, one after the other, and prints a table. The same as JSON and
      as a picture is kept in bench/results.

        --json    print the results as JSON; all else goes to standard error
        --quick   few frames and one round: shows that everything works, and nothing about speed
        --list    say which benchmarks there are
      """;

  private Main() {}

  public static void main(String[] args) throws Exception {
    int status = run(args, System.out, System.err);
    if (status != 0) {
      System.exit(status);
    }
  }

  /** Does what the arguments say and returns the exit status. */
  static int run(String[] args, PrintStream out, PrintStream err) throws Exception {
    boolean json = false;
    boolean quick = false;
    List<Benchmark> chosen = new ArrayList<>();
    for (String arg : args) {
      switch (arg) {
        case "--json" -> json = true;
        case "--quick" -> quick = true;
        case "--list" -> {
          BENCHMARKS.forEach(b -> out.printf("%-12s %s%n", b.name(), b.what()));
          return 0;
        }
        case "-h", "--help" -> {
          out.print(HELP);
          return 0;
        }
        default -> {
          Benchmark named = named(arg);
          if (named == null) {
            err.println(
                "bench: "
                    + (arg.startsWith("-") ? "no option " : "no benchmark ")
                    + arg
                    + "; there are "
                    + names());
            return 2;
          }
          chosen.add(named);
        }
      }
    }
    measure(chosen.isEmpty() ? BENCHMARKS : chosen, json, new Report(json ? err : out, quick), out);
    return 0;
  }

  private static Benchmark named(String name) {
    return BENCHMARKS.stream().filter(b -> b.name().equals(name)).findAny().orElse(null);
  }

  private static String names() {
    return "--json, --quick, --list and "
        + BENCHMARKS.stream().map(Benchmark::name).collect(Collectors.joining(", "));
  }

  private static void measure(
      List<Benchmark> chosen, boolean json, Report report, PrintStream results) throws Exception {
    Path root = Path.of(System.getProperty("xdp4j.root", ".")).toAbsolutePath().normalize();
    Map<String, String> machine = Machine.describe(root);
    machine.forEach((part, value) -> report.out().printf("%-12s %s%n", part, value));
    for (Benchmark benchmark : chosen) {
      report.out().printf("%n%s: %s%n", benchmark.name(), benchmark.what());
      benchmark.run(root, report);
    }
    if (!report.rows().isEmpty()) {
      report.out().println();
      report.printTable();
    }
    if (json) {
      results.print(JsonReport.of(machine, report.rows()));
    }
    if (!report.quick()) {
      keep(root, machine, chosen, report);
    }
  }

  private static void keep(
      Path root, Map<String, String> machine, List<Benchmark> chosen, Report report)
      throws IOException {
    String what =
        chosen == BENCHMARKS
            ? "all"
            : chosen.stream().map(Benchmark::name).collect(Collectors.joining("-"));
    String name = machine.get("date").replace(":", "") + "-" + what;
    Path folder = Files.createDirectories(root.resolve("bench/results"));
    Path file = folder.resolve(name + ".json");
    Files.writeString(file, JsonReport.of(machine, report.rows()), StandardCharsets.UTF_8);
    Path png = folder.resolve(name + ".png");
    boolean drawn = Chart.write(png, machine, report.rows());
    report.out().printf("%nkept as %s%s%n", file, drawn ? " and " + png : "");
  }
}
