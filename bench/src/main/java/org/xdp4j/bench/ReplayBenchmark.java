package org.xdp4j.bench;

import java.io.IOException;
import java.io.PrintStream;
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

  @Override
  public String name() {
    return "replay";
  }

  @Override
  public void run(Path root, PrintStream out) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("xdp4j-bench");
    Path capture = folder.resolve("64.pcap");
    Path filtered = folder.resolve("dns.pcap");
    try {
      FrameFile.write(capture, FRAMES);
      compare(
          List.of(
              root.resolve("dataplane/bin/xdp4j").toString(),
              "replay",
              "--program",
              root.resolve("filters/protocol_counter.bpf.o").toString(),
              capture.toString()),
          List.of("tcpdump", "-r", capture.toString(), "-w", filtered.toString(), "udp port 53"),
          out);
    } finally {
      Files.deleteIfExists(capture);
      Files.deleteIfExists(filtered);
      Files.deleteIfExists(folder);
    }
  }

  private static void compare(List<String> ours, List<String> peer, PrintStream out)
      throws IOException, InterruptedException {
    boolean havePeer = Processes.installed("tcpdump");
    Samples our = new Samples(ROUNDS);
    Samples their = new Samples(ROUNDS);
    for (int round = -1; round < ROUNDS; round++) {
      double seconds = Processes.seconds(ours);
      double peerSeconds = havePeer ? Processes.seconds(peer) : Double.NaN;
      if (round >= 0) { // the first warms page cache and build
        our.add(seconds);
        their.add(peerSeconds);
      }
    }
    out.printf("replay: %,d frames of %d bytes, whole process%n", FRAMES, FrameFile.FRAME);
    print(out, "xdp4j replay, protocol counter, 1 worker", our);
    if (!havePeer) {
      out.println("  tcpdump: not installed (package tcpdump)");
      return;
    }
    print(out, "tcpdump -r -w 'udp port 53'", their);
    out.printf("  ratio of medians %.2f%n", our.median() / their.median());
  }

  private static void print(PrintStream out, String what, Samples samples) {
    out.printf(
        "  %-42s %6.3f s (%.3f to %.3f), %5.1f ns a frame%n",
        what, samples.median(), samples.least(), samples.most(), samples.median() * 1e9 / FRAMES);
  }
}
