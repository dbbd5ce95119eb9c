package org.xdp4j.bench;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.xdp4j.bpf.LoadOptions;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.ObjectReader;
import org.xdp4j.engine.Replay;
import org.xdp4j.engine.ReplayOptions;
import org.xdp4j.engine.capture.CaptureReader;
import org.xdp4j.engine.capture.RecordBatch;

/**
 * Captures, read and cut down to one service, of 64-byte frames and of the simple IMIX: beside C
 * (through mapped memory and in blocks), libpcap, tcpdump and DPDK, on the same files in the page
 * cache.
 */
final class CapturesBenchmark implements Benchmark {
  private static final int SMALL_FRAMES = 5_000_000;
  private static final int IMIX_FRAMES = 2_800_000;
  private static final int ROUNDS = 5;
  private static final int BATCH = 64;
  private static final String FILTER = "filters/udp_port.bpf.o";

  /** Where the EtherType is, which every reader loads: a frame nobody looks at costs nothing. */
  private static final int ETHERTYPE = 12;

  /** One capture and what it is called. */
  private record Input(String name, Path file, int frames) {}

  @Override
  public String name() {
    return "captures";
  }

  @Override
  public String what() {
    return "captures read, and filtered into another, beside C, libpcap and tcpdump";
  }

  @Override
  public void run(Path root, Report report) throws Exception {
    Path folder = Files.createTempDirectory("xdp4j-bench");
    try {
      int less = report.quick() ? 100 : 1;
      Input small = new Input("64 B", folder.resolve("64.pcap"), SMALL_FRAMES / less);
      FrameFile.write(small.file, small.frames);
      Input imix = new Input("IMIX", folder.resolve("imix.pcap"), IMIX_FRAMES / less);
      FrameFile.writeImix(imix.file, imix.frames);
      CPeer walk = CPeer.build(root, "capture_walk", "-ldl");
      for (Input input : List.of(small, imix)) {
        read(input, walk, report);
        filter(input, root, walk, folder.resolve("out.pcap"), report);
      }
      memory(root, folder.resolve("few.pcap"), report);
    } finally {
      for (String file : new String[] {"64.pcap", "imix.pcap", "out.pcap", "few.pcap"}) {
        Files.deleteIfExists(folder.resolve(file));
      }
      Files.deleteIfExists(folder);
    }
  }

  private static void read(Input input, CPeer walk, Report report)
      throws IOException, InterruptedException {
    String file = input.file.toString();
    int rounds = report.quick() ? 1 : ROUNDS;
    Samples ours = new Samples(rounds);
    Samples mapped = new Samples(rounds);
    Samples blocks = new Samples(rounds);
    Samples libpcap = new Samples(rounds);
    for (int round = -3; round < rounds; round++) {
      double nanos = readAll(input);
      if (round < 0) {
        continue; // the first warm page cache and compiler
      }
      ours.add(nanos);
      if (walk != null) {
        mapped.add(walk.figure("map", "2", file));
        blocks.add(walk.figure("read", "2", file));
        libpcap.add(walk.figure("libpcap", "2", file));
      }
    }
    String workload = "read every record, " + input.name;
    if (walk == null) {
      report.add(
          Row.withoutPeer("captures", workload, Unit.NANOS_A_RECORD, ours, "C", CPeer.INSTALL));
      return;
    }
    boolean mapWins = mapped.median() <= blocks.median();
    report.add(
        Row.of(
            "captures",
            workload,
            Unit.NANOS_A_RECORD,
            ours,
            mapWins ? "C, mapped" : "C, read in blocks",
            mapWins ? mapped : blocks,
            1.5));
    report.add(
        Row.of("captures", workload, Unit.NANOS_A_RECORD, ours, "libpcap loop", libpcap, 0.5));
  }

  private static double readAll(Input input) throws IOException {
    long begin = System.nanoTime();
    long sum = 0;
    long records = 0;
    try (CaptureReader reader = CaptureReader.open(input.file)) {
      RecordBatch batch = new RecordBatch(BATCH);
      while (reader.next(batch)) {
        sum += sum(reader, batch);
        records += batch.size;
      }
    }
    double nanos = (double) (System.nanoTime() - begin) / records;
    if (sum == 0 || records != input.frames) {
      throw new IllegalStateException(records + " records read, which sum up to " + sum);
    }
    return nanos;
  }

  private static long sum(CaptureReader reader, RecordBatch batch) {
    long sum = 0;
    for (int i = 0; i < batch.size; i++) {
      sum += batch.capturedLength[i];
      sum +=
          reader.memory().get(ValueLayout.JAVA_SHORT_UNALIGNED, batch.data[i] + ETHERTYPE) & 0xffff;
    }
    return sum;
  }

  private static void filter(Input input, Path root, CPeer walk, Path out, Report report)
      throws Exception {
    Path object = root.resolve(FILTER);
    int rounds = report.quick() ? 1 : ROUNDS;
    Samples warm = new Samples(rounds);
    Samples inC = new Samples(rounds);
    Samples cold = new Samples(rounds);
    Samples tcpdump = new Samples(rounds);
    Samples dpdk = new Samples(rounds);
    boolean hasTcpdump = Processes.installed("tcpdump");
    String noDpdk = Testpmd.missing();
    try (Region region = Region.reserve(1L << 28);
        LoadedObject loaded = load(object, region)) {
      for (int round = -3; round < rounds; round++) {
        double nanos = replay(loaded, region, input, out);
        if (round < 0) {
          if (round == -1) {
            Processes.seconds(ours(root, object, input, out)); // it may make the start-up cache
          }
          continue;
        }
        warm.add(nanos);
        cold.add(Processes.seconds(ours(root, object, input, out)) * 1e9 / input.frames);
        if (hasTcpdump) {
          tcpdump.add(Processes.seconds(tcpdump(input, out)) * 1e9 / input.frames);
        }
        if (noDpdk == null) {
          dpdk.add(CaptureDpdk.fileToFile(root, input.file, input.frames, out));
        }
        if (walk != null) {
          inC.add(
              Math.min(
                  walk.figure("filter-map", "2", input.file.toString(), out.toString()),
                  walk.figure("filter-read", "2", input.file.toString(), out.toString())));
        }
      }
    }
    String what = "udp port 53 to a capture, " + input.name;
    Unit unit = Unit.NANOS_A_FRAME;
    String peer = "tcpdump 'udp port 53'";
    for (boolean process : new boolean[] {false, true}) {
      String workload = what + (process ? ", cold process" : ", warm");
      Samples ours = process ? cold : warm;
      report.add(
          hasTcpdump
              ? Row.of("captures", workload, unit, ours, peer, tcpdump, 0.5)
              : Row.withoutPeer("captures", workload, unit, ours, peer, "apt-get install tcpdump"));
    }
    if (walk != null) {
      report.add(Row.of("captures", what + ", warm", unit, warm, "C, the better way", inC, 1.5));
    }
    peer = CaptureDpdk.FILE_TO_FILE;
    report.add(
        noDpdk == null
            ? Row.of("captures", what + ", warm", unit, warm, peer, dpdk, 0.2)
            : Row.withoutPeer("captures", what + ", warm", unit, warm, peer, noDpdk));
  }

  private static void memory(Path root, Path capture, Report report) throws Exception {
    try (Region region = Region.reserve(1L << 28);
        LoadedObject loaded = load(root.resolve(FILTER), region)) {
      int rounds = report.quick() ? 1 : ROUNDS;
      CaptureDpdk.memoryToNull(root, loaded, region, capture, rounds, report);
    }
  }

  private static LoadedObject load(Path object, Region region) throws Exception {
    return LoadedObject.load(
        ObjectReader.read(object), region, new LoadOptions(1, false, false, Set.of()));
  }

  private static double replay(LoadedObject loaded, Region region, Input input, Path out)
      throws IOException {
    long begin = System.nanoTime();
    ReplayOptions options = ReplayOptions.of(input.file).withOut(out);
    try (Replay replay = Replay.open(loaded.programs().getFirst(), region, options)) {
      long frames = replay.run().frames();
      if (frames != input.frames) {
        throw new IllegalStateException(frames + " frames replayed");
      }
    }
    return (double) (System.nanoTime() - begin) / input.frames;
  }

  private static List<String> ours(Path root, Path object, Input input, Path out) {
    return List.of(
        root.resolve("dataplane/bin/xdp4j").toString(),
        "replay",
        "--program",
        object.toString(),
        "--out",
        out.toString(),
        input.file.toString());
  }

  private static List<String> tcpdump(Input input, Path out) {
    return List.of("tcpdump", "-r", input.file.toString(), "-w", out.toString(), "udp port 53");
  }
}
