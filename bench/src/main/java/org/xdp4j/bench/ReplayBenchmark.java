package org.xdp4j.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code replay} of 5 million 64-byte frames through the protocol counter, as a whole process,
 * beside {@code tcpdump -r FILE -w FILE 'udp port 53'} on the same file: wall-clock time from start
 * to exit, interleaved.
 */
final class ReplayBenchmark implements Benchmark {
  private static final int FRAMES = 5_000_000;
  private static final int ROUNDS = 7;
  private static final String TCPDUMP = "tcpdump 'udp port 53'";

  @Override
  public String name() {
    return "replay";
  }

  @Override
  public String what() {
    return "replay of 5 million frames as a whole process, beside tcpdump";
  }

  @Override
  public void run(Path root, Report report) throws IOException, InterruptedException {
    int frames = report.quick() ? FRAMES / 100 : FRAMES;
    Path folder = Files.createTempDirectory("xdp4j-bench");
    Path capture = folder.resolve("64.pcap");
    Path filtered = folder.resolve("dns.pcap");
    try {
      FrameFile.write(capture, frames);
      compare(
          List.of(
              root.resolve("dataplane/bin/xdp4j").toString(),
              "replay",
              "--program",
              root.resolve("filters/protocol_counter.bpf.o").toString(),
              capture.toString()),
          List.of("tcpdump", "-r", capture.toString(), "-w", filtered.toString(), "udp port 53"),
          frames,
          report);
    } finally {
      Files.deleteIfExists(capture);
      Files.deleteIfExists(filtered);
      Files.deleteIfExists(folder);
    }
  }

  private static void compare(List<String> ours, List<String> peer, int frames, Report report)
      throws IOException, InterruptedException {
    boolean havePeer = Processes.installed("tcpdump");
    int rounds = report.quick() ? 1 : ROUNDS;
    Samples our = new Samples(rounds);
    Samples their = new Samples(rounds);
    for (int round = -1; round < rounds; round++) {
      double seconds = Processes.seconds(ours);
      double peerSeconds = havePeer ? Processes.seconds(peer) : Double.NaN;
      if (round >= 0) { // the first warms page cache and build
        our.add(seconds);
        their.add(peerSeconds);
      }
    }
    String workload = "%,d x %d B, cold process, count".formatted(frames, FrameFile.FRAME);
    report.add(
        havePeer
            ? Row.of("replay", workload, Unit.SECONDS, our, TCPDUMP, their, 1)
            : Row.withoutPeer(
                "replay", workload, Unit.SECONDS, our, TCPDUMP, "apt-get install tcpdump"));
  }
}
