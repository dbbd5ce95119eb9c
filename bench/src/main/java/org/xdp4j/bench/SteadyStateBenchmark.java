package org.xdp4j.bench;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.xdp4j.bpf.LoadOptions;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.ObjectReader;
import org.xdp4j.engine.Replay;
import org.xdp4j.engine.ReplayOptions;
import org.xdp4j.engine.ReplayResult;

/**
 * One worker in one process, warmed up: nanoseconds a frame through reader, pool, program and
 * accounts, and bytes of heap allocated a frame. What a run allocates to open and close is told
 * apart by replaying the same capture for longer.
 */
final class SteadyStateBenchmark implements Benchmark {
  private static final int FRAMES = 1_000_000;
  private static final int ROUNDS = 5;
  private static final int SHORT = 2;
  private static final int LONG = 12;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @Override
  public String name() {
    return "steady";
  }

  @Override
  public String what() {
    return "one warm worker over a capture, by filter";
  }

  @Override
  public void run(Path root, Report report) throws Exception {
    Path folder = Files.createTempDirectory("xdp4j-bench");
    Path capture = folder.resolve("64.pcap");
    try {
      FrameFile.write(capture, report.quick() ? FRAMES / 100 : FRAMES);
      for (String filter : new String[] {"pass", "protocol_counter", "firewall", "syn_limiter"}) {
        measure(root.resolve("filters/" + filter + ".bpf.o"), filter, capture, report);
      }
    } finally {
      Files.deleteIfExists(capture);
      Files.deleteIfExists(folder);
    }
  }

  private static void measure(Path object, String name, Path capture, Report report)
      throws Exception {
    try (Region region = Region.reserve(1L << 30);
        LoadedObject loaded =
            LoadedObject.load(
                ObjectReader.read(object), region, new LoadOptions(1, false, false, Set.of()))) {
      replay(loaded, region, capture, LONG);
      long before = THREADS.getCurrentThreadAllocatedBytes();
      replay(loaded, region, capture, SHORT);
      long middle = THREADS.getCurrentThreadAllocatedBytes();
      ReplayResult result = replay(loaded, region, capture, LONG);
      long after = THREADS.getCurrentThreadAllocatedBytes();
      long more = (after - middle) - (middle - before);
      Samples nanos = Samples.of((double) result.nanos() / result.frames());
      for (int round = 1; round < (report.quick() ? 1 : ROUNDS); round++) {
        result = replay(loaded, region, capture, SHORT);
        nanos.add((double) result.nanos() / result.frames());
      }
      double frames = (double) (report.quick() ? FRAMES / 100 : FRAMES) * (LONG - SHORT);
      report.add(
          Row.alone("steady", name + ", capture, 1 worker", Unit.NANOS_A_FRAME, nanos)
              .allocating(Math.max(0, more) / frames));
    }
  }

  private static ReplayResult replay(LoadedObject loaded, Region region, Path capture, int repeat)
      throws IOException {
    try (Replay replay =
        Replay.open(
            loaded.programs().getFirst(), region, ReplayOptions.of(capture).withRepeat(repeat))) {
      return replay.run();
    }
  }
}
