package org.xdp4j.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.xdp4j.bpf.SampleFrame;
import org.xdp4j.bpf.WarmupResult;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.ObjectReader;
import org.xdp4j.bpf.text.MapAssignment;

/**
 * What frames cost right after another version of a program has taken over: the flow counter runs
 * in a warm process, and is then replaced by itself, loaded anew, cold or warmed up on copies of
 * frames before. Each in a JVM of its own.
 */
final class SwapBenchmark implements Benchmark {
  private static final int ROUNDS = 5;
  private static final String OBJECT = "bench/programs/flow_hash.bpf.o";
  private static final String PROGRAM = "flow_counter";

  /** Frames that are timed together. */
  private static final int STEP = 4 * OurSide.BATCH;

  /** From the swap on, in milliseconds of the worker's CPU. */
  private static final int[] ENDS = {1, 10, 100, 1000};

  /** Full speed: no more than this many times the nanoseconds of the end. */
  private static final double FULL = 1.5;

  @Override
  public String name() {
    return "swap";
  }

  @Override
  public String what() {
    return "nanoseconds a frame after a program has been replaced, cold and warmed up";
  }

  @Override
  public void run(Path root, Report report) throws Exception {
    for (String mode : List.of("cold", "warmed up")) {
      List<Samples> columns = new ArrayList<>();
      for (int round = 0; round < (report.quick() ? 1 : ROUNDS); round++) {
        String[] figures =
            Jvm.output(SwapBenchmark.class, List.of("-XX:+UseSerialGC"), root.toString(), mode)
                .split(" ");
        for (int i = 0; i < figures.length; i++) {
          if (columns.size() == i) {
            columns.add(new Samples(ROUNDS));
          }
          columns.get(i).add(Double.parseDouble(figures[i]));
        }
      }
      for (int i = 0; i < ENDS.length; i++) {
        String from = i == 0 ? "first " : ENDS[i - 1] + " to ";
        report.add(
            Row.alone(
                name(), mode + ", " + from + ENDS[i] + " ms", Unit.NANOS_A_FRAME, columns.get(i)));
      }
      report.add(
          Row.alone(name(), mode + ", swap to full speed", Unit.MILLIS, columns.get(ENDS.length)));
      report.add(
          Row.alone(name(), mode + ", load to swap", Unit.MILLIS, columns.get(ENDS.length + 1)));
    }
  }

  /** In a JVM of its own: nanoseconds a frame by stretch, then two times in milliseconds. */
  public static void main(String[] args) throws Exception {
    BpfObject object = ObjectReader.read(Path.of(args[0]).resolve(OBJECT));
    object = MapAssignment.prepare(object, List.of(MapAssignment.parse("choices=4096")));
    try (Region region = Region.reserve(1L << 30);
        OurSide old = new OurSide(region, object, PROGRAM, List.of())) {
      for (int i = 0; i < 60; i++) {
        old.run(1 << 20);
      }
      long loading = System.nanoTime();
      try (OurSide fresh = new OurSide(region, object, PROGRAM, List.of())) {
        if (args[1].startsWith("warm")) {
          warm(fresh);
        }
        double loaded = (System.nanoTime() - loading) / 1e6;
        System.out.println(measure(fresh) + " " + loaded);
      }
    }
  }

  private static void warm(OurSide side) {
    List<SampleFrame> frames = new ArrayList<>();
    for (int i = 0; i < OurSide.BATCH; i++) {
      frames.add(new SampleFrame(BenchFrame.bytes(i * 0x9E3779B1), 0, 0, 0));
    }
    WarmupResult result = side.warm(frames, Duration.ofSeconds(5));
    if (result.frames() == 0) {
      throw new IllegalStateException("nothing was warmed up");
    }
  }

  private static String measure(OurSide side) {
    double[] spent = new double[2_000_000];
    int steps = 0;
    double total = 0;
    while (total < ENDS[ENDS.length - 1] * 1e6 && steps < spent.length) {
      spent[steps] = side.run(STEP) * STEP;
      total += spent[steps++];
    }
    StringBuilder line = new StringBuilder();
    double at = 0;
    int next = 0;
    for (int end : ENDS) {
      int first = next;
      double from = at;
      while (next < steps && at < end * 1e6) {
        at += spent[next++];
      }
      line.append((at - from) / Math.max(1, next - first) / STEP).append(' ');
    }
    return line.append(fullSpeed(spent, steps)).toString();
  }

  /** Milliseconds until some steps in a row take no longer than those at the end do. */
  private static double fullSpeed(double[] spent, int steps) {
    int window = 25;
    double steady = Arrays.stream(spent, steps * 3 / 4, steps).average().orElseThrow();
    double sum = Arrays.stream(spent, 0, window).sum();
    double at = sum;
    int end = window;
    while (end < steps && sum > FULL * steady * window) {
      sum += spent[end] - spent[end - window];
      at += spent[end++];
    }
    return Math.max(0, at - sum) / 1e6;
  }
}
