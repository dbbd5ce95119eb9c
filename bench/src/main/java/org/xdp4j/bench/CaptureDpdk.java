package org.xdp4j.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.List;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.Replay;
import org.xdp4j.engine.ReplayOptions;

/**
 * DPDK's way with captures: {@code net_pcap} as source and as sink, {@code rte_bpf} as the filter,
 * one core.
 */
final class CaptureDpdk {
  /** What the peer is called where a file becomes another. */
  static final String FILE_TO_FILE = "DPDK net_pcap, rte_bpf, net_pcap";

  private static final String FILTER = "bench/programs/dpdk_udp_port.bpf.o";
  private static final int CPU = 0;

  /** All of them have to fit in testpmd's buffers. */
  private static final int FRAMES = 4096;

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private CaptureDpdk() {}

  /** Nanoseconds that the filter takes for a frame of one capture on its way to another. */
  static double fileToFile(Path root, Path capture, int frames, Path out)
      throws IOException, InterruptedException {
    // What testpmd throws away before it starts would never come again.
    List<String> options = List.of("--port-topology=loop", "--no-flush-rx");
    String device = "net_pcap0,rx_pcap=" + capture + ",tx_pcap=" + out;
    try (Testpmd testpmd = new Testpmd(List.of(), CPU, "io", options, device)) {
      testpmd.load(0, root.resolve(FILTER));
      return testpmd.nanosUntil(frames);
    }
  }

  /**
   * A capture that lies in memory, through the filter to nowhere: again and again, by CPU time of
   * the thread that does it.
   *
   * @param loaded the same filter as ours
   */
  static void memoryToNull(
      Path root, LoadedObject loaded, Region region, Path capture, int rounds, Report report)
      throws IOException, InterruptedException {
    FrameFile.write(capture, FRAMES);
    int passes = report.quick() ? 50 : 2000;
    String missing = Testpmd.missing();
    Samples ours = new Samples(rounds);
    Samples theirs = new Samples(rounds);
    String device = "net_pcap0,rx_pcap=" + capture + ",infinite_rx=1";
    List<String> options = List.of("--port-topology=loop");
    try (Testpmd testpmd =
        missing == null ? new Testpmd(List.of(), CPU, "io", options, device) : null) {
      if (testpmd != null) {
        testpmd.load(0, root.resolve(FILTER));
      }
      for (int round = -2; round < rounds; round++) {
        double nanos = replay(loaded, region, capture, passes);
        if (round < 0) {
          continue;
        }
        ours.add(nanos);
        if (testpmd != null) {
          theirs.add(testpmd.nanos(0, report.quick() ? 100 : 400));
        }
      }
    }
    String workload = "udp port 53 of a capture in memory to null, 64 B";
    String peer = "DPDK net_pcap, infinite_rx, rte_bpf";
    report.add(
        missing == null
            ? Row.of("captures", workload, Unit.NANOS_A_FRAME, ours, peer, theirs, 0.5)
            : Row.withoutPeer("captures", workload, Unit.NANOS_A_FRAME, ours, peer, missing));
  }

  private static double replay(LoadedObject loaded, Region region, Path capture, int passes)
      throws IOException {
    ReplayOptions options = ReplayOptions.of(capture).withRepeat(passes);
    try (Replay replay = Replay.open(loaded.programs().getFirst(), region, options)) {
      long before = THREADS.getCurrentThreadCpuTime();
      long frames = replay.run().frames();
      if (frames != (long) FRAMES * passes) {
        throw new IllegalStateException(frames + " frames replayed");
      }
      return (double) (THREADS.getCurrentThreadCpuTime() - before) / frames;
    }
  }
}
