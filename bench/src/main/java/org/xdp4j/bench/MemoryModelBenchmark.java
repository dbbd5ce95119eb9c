package org.xdp4j.bench;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.LoadOptions;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.XdpProgram;
import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.object.ObjectReader;

/**
 * What checked memory costs: the protocol counter over 64-byte frames, compiled, and written by
 * hand over each kind of memory the JVM offers. Every variant runs in JVMs of its own, in turns.
 */
final class MemoryModelBenchmark implements Benchmark {
  private static final List<String> VARIANTS =
      List.of(
          "compiled-batch",
          "compiled-single",
          "segment-shared",
          "segment-confined",
          "segment-auto",
          "segment-global",
          "segment-unbounded",
          "byte-buffer",
          "byte-array",
          "unsafe");

  private static final int FRAMES = 512;
  private static final int BATCH = 64;
  private static final int ROOM = 2048;
  private static final int LENGTH = 64;
  private static final int ROUNDS = 5;
  private static final int MEASUREMENTS = 25;
  private static final int RUNS = 10_000;

  /** One round of a variant: nanoseconds of CPU and bytes allocated, both a frame. */
  private record Figures(double nanos, double bytes) {}

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public String what() {
    return "one program over each kind of memory the JVM offers";
  }

  /** In a JVM of its own: the filters' folder and one variant. */
  public static void main(String[] args) throws Exception {
    Figures figures = measure(work(Path.of(args[0]), args[1]));
    System.out.println(figures.nanos() + " " + figures.bytes());
  }

  @Override
  public void run(Path root, Report report) throws IOException {
    PrintStream out = report.out();
    String filters = root.resolve("filters").toString();
    Map<String, List<Double>> nanos = new LinkedHashMap<>();
    Map<String, Double> bytes = new LinkedHashMap<>();
    for (int round = 0; round < ROUNDS; round++) {
      for (String variant : VARIANTS) {
        String[] figures =
            Jvm.output(MemoryModelBenchmark.class, List.of(), filters, variant).split(" ");
        nanos.computeIfAbsent(variant, v -> new ArrayList<>()).add(Double.valueOf(figures[0]));
        bytes.merge(variant, Double.valueOf(figures[1]), Math::max);
      }
    }
    out.printf(
        "memory: parse and count, 64-byte frames, %d JVMs each%n%-18s %8s %8s %12s%n",
        ROUNDS, "", "ns", "best", "bytes/frame");
    nanos.forEach(
        (variant, all) -> {
          Collections.sort(all);
          out.printf(
              "%-18s %8.2f %8.2f %12.3f%n",
              variant, all.get(all.size() / 2), all.getFirst(), bytes.get(variant));
        });
  }

  /** Takes the best of many short runs, for what disturbs a run only ever makes it slower. */
  private static Figures measure(Runnable[] batches) {
    ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    double best = Double.MAX_VALUE;
    double bytes = 0;
    for (int measurement = 0; measurement < MEASUREMENTS; measurement++) {
      long allocated = thread.getCurrentThreadAllocatedBytes();
      long start = thread.getCurrentThreadCpuTime();
      for (int run = 0; run < RUNS; run++) {
        batches[run % batches.length].run();
      }
      double nanos = thread.getCurrentThreadCpuTime() - start;
      bytes = (thread.getCurrentThreadAllocatedBytes() - allocated) / (double) RUNS / BATCH;
      best = Math.min(best, nanos / RUNS / BATCH);
    }
    return new Figures(best, bytes);
  }

  private static Runnable[] work(Path filters, String variant) throws Exception {
    return variant.startsWith("compiled") ? compiled(filters, variant) : byHand(variant);
  }

  private static Runnable[] compiled(Path filters, String variant) throws Exception {
    Region region = Region.reserve(64L << 20);
    LoadedObject loaded =
        LoadedObject.load(
            ObjectReader.read(filters.resolve("protocol_counter.bpf.o")),
            region,
            LoadOptions.defaults());
    XdpProgram program = loaded.programs().getFirst();
    XdpContext context = new XdpContext(region, 0);
    long frames = region.allocate((long) FRAMES * ROOM, 64);
    Runnable[] batches = new Runnable[FRAMES / BATCH];
    for (int b = 0; b < batches.length; b++) {
      XdpBatch batch = new XdpBatch(BATCH);
      batch.size = BATCH;
      for (int i = 0; i < BATCH; i++) {
        batch.frameStart[i] = frames + (long) (b * BATCH + i) * ROOM;
        batch.data[i] = batch.frameStart[i] + 256;
        batch.dataMeta[i] = batch.data[i];
        batch.dataEnd[i] = batch.data[i] + LENGTH;
        batch.frameEnd[i] = batch.frameStart[i] + ROOM;
        fill(new Memory.Segment(region.segment()), batch.data[i]);
      }
      batches[b] =
          variant.equals("compiled-batch")
              ? () -> program.run(batch, context)
              : () -> singly(program, batch, context);
    }
    return batches;
  }

  private static void singly(XdpProgram program, XdpBatch batch, XdpContext context) {
    for (int i = 0; i < batch.size; i++) {
      batch.enter(i, context);
      batch.leave(i, context, program.run(context));
    }
  }

  private static Runnable[] byHand(String variant) {
    System.setProperty("memory", variant);
    Memory memory = ParseAndCount.MEMORY;
    long frames = 16 << 10;
    Runnable[] batches = new Runnable[FRAMES / BATCH];
    for (int b = 0; b < batches.length; b++) {
      long[] data = new long[BATCH];
      long[] dataEnd = new long[BATCH];
      int[] verdict = new int[BATCH];
      for (int i = 0; i < BATCH; i++) {
        data[i] = frames + (long) (b * BATCH + i) * ROOM + 256;
        dataEnd[i] = data[i] + LENGTH;
        fill(memory, data[i]);
      }
      ParseAndCount program = new ParseAndCount(4096);
      batches[b] = () -> program.run(data, dataEnd, verdict);
    }
    return batches;
  }

  /** Ethernet, IPv4, UDP; zeros behind. */
  private static void fill(Memory memory, long data) {
    memory.storeByte(data + 12, 0x08);
    memory.storeByte(data + 13, 0x00);
    memory.storeByte(data + 14, 0x45);
    memory.storeByte(data + 23, 17);
  }
}
