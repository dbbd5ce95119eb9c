package org.xdp4j.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.XdpProgram;
import org.xdp4j.bpf.context.EventSink;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.account.Books;
import org.xdp4j.engine.account.Counter;
import org.xdp4j.engine.account.Counters;
import org.xdp4j.engine.capture.CaptureFormat;
import org.xdp4j.engine.capture.CaptureReader;
import org.xdp4j.engine.capture.CaptureWriter;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.port.CaptureOutput;
import org.xdp4j.engine.port.CaptureRecords;
import org.xdp4j.engine.port.CaptureSource;
import org.xdp4j.engine.port.StretchOutput;
import org.xdp4j.engine.port.Transmitter;
import org.xdp4j.engine.port.Turns;
import org.xdp4j.engine.worker.Affinity;
import org.xdp4j.engine.worker.BatchProgram;
import org.xdp4j.engine.worker.DirectPipeline;
import org.xdp4j.engine.worker.Egress;
import org.xdp4j.engine.worker.InPlacePipeline;
import org.xdp4j.engine.worker.ParallelPipeline;
import org.xdp4j.engine.worker.Pipeline;
import org.xdp4j.engine.worker.RxHash;
import org.xdp4j.engine.worker.SplitPipeline;

/**
 * Runs a program over every frame of captures and applies its verdicts.
 *
 * <pre>{@code
 * try (Replay replay = Replay.open(program, region, ReplayOptions.of(path).withOut(out))) {
 *   ReplayResult result = replay.run();
 * }
 * }</pre>
 *
 * One thread opens, runs and closes it; any thread may call {@link #stop} and {@link #progress}.
 */
public final class Replay implements AutoCloseable {
  private final ReplayOptions options;
  private final String programName;
  private final XdpProgram program;
  private final List<Counters> counters = new ArrayList<>();
  private final List<Counters> workerCounters = new ArrayList<>();
  private final List<FramePool> pools = new ArrayList<>();
  private final List<StretchOutput> stretches = new ArrayList<>();
  private final CaptureRecords captures;
  private final Pipeline pipeline;
  private CaptureSource source;
  private CaptureOutput out;
  private CaptureOutput dropped;
  private final long totalBytes;
  private boolean ran;

  private Replay(
      String programName,
      XdpProgram program,
      BatchProgram run,
      boolean mayMoveFrame,
      Region region,
      ReplayOptions options,
      EventSink events)
      throws IOException {
    this.options = options;
    this.programName = programName;
    this.program = program;
    refuseToOverwrite();
    totalBytes = totalBytes(options);
    Counters own = new Counters();
    counters.add(own);
    if (options.workers() > 1 && options.split()) {
      captures = new CaptureRecords(options.captures(), options.repeat(), null);
    } else {
      source = CaptureSource.open(options.captures(), options.repeat(), region, own);
      captures = source.captures();
    }
    try {
      out = output(options.out(), region);
      dropped = output(options.dropped(), region);
      pipeline = pipeline(run, contexts(region, events), mayMoveFrame, region);
    } catch (IOException | RuntimeException e) {
      closeCaptures();
      closeOutputs();
      throw e;
    }
  }

  /**
   * Opens captures and outputs.
   *
   * @param program loaded into {@code region} for at least as many CPUs as there are workers
   * @throws IOException when a capture cannot be read at all or an output cannot be created, in one
   *     sentence
   */
  public static Replay open(XdpProgram program, Region region, ReplayOptions options)
      throws IOException {
    return open(program, region, options, EventSink.NONE);
  }

  /**
   * Opens captures and outputs.
   *
   * @param events gets what the program prints and its perf events, from every worker's thread
   */
  public static Replay open(
      XdpProgram program, Region region, ReplayOptions options, EventSink events)
      throws IOException {
    return new Replay(
        program.name(), program, program::run, program.mayMoveFrame(), region, options, events);
  }

  /** For tests: runs anything. */
  static Replay open(BatchProgram program, Region region, ReplayOptions options)
      throws IOException {
    return open(program, true, region, options);
  }

  /** For tests: runs anything, which moves frames or does not. */
  static Replay open(
      BatchProgram program, boolean mayMoveFrame, Region region, ReplayOptions options)
      throws IOException {
    return new Replay("test", null, program, mayMoveFrame, region, options, EventSink.NONE);
  }

  private List<XdpContext> contexts(Region region, EventSink events) {
    List<XdpContext> contexts = new ArrayList<>();
    for (int cpu = 0; cpu < options.workers(); cpu++) {
      XdpContext context = new XdpContext(region, cpu);
      context.frameTime = options.captureTime();
      context.events = events;
      context.flowHash = new RxHash();
      contexts.add(context);
    }
    return contexts;
  }

  private Pipeline pipeline(
      BatchProgram run, List<XdpContext> contexts, boolean mayMoveFrame, Region region) {
    Counters own = counters.getFirst();
    if (contexts.size() == 1) {
      workerCounters.add(own);
      return part(source, run, contexts.getFirst(), own, out, dropped, mayMoveFrame, region);
    }
    for (int i = 0; i < contexts.size(); i++) {
      workerCounters.add(new Counters());
    }
    counters.addAll(workerCounters);
    Affinity affinity = options.pin() ? Affinity.ofSystem().orElse(null) : null;
    if (options.split()) {
      return split(run, contexts, mayMoveFrame, region, affinity);
    }
    FramePool pool = pool(region, ParallelPipeline.poolSize(contexts.size()));
    Egress egress = new Egress(out, dropped, own);
    return new ParallelPipeline(source, run, contexts, workerCounters, egress, pool, affinity);
  }

  /** One worker that runs frames from receiving to end. */
  private Pipeline part(
      CaptureSource from,
      BatchProgram run,
      XdpContext context,
      Counters counts,
      Transmitter goingOn,
      Transmitter droppedOnes,
      boolean mayMoveFrame,
      Region region) {
    if (!mayMoveFrame && from.readsInPlace()) {
      return new InPlacePipeline(from, run, context, counts, goingOn, droppedOnes);
    }
    Egress egress = new Egress(goingOn, droppedOnes, counts);
    FramePool pool = pool(region, DirectPipeline.poolSize());
    return new DirectPipeline(from, run, context, counts, egress, pool);
  }

  private Pipeline split(
      BatchProgram run,
      List<XdpContext> contexts,
      boolean mayMoveFrame,
      Region region,
      Affinity affinity) {
    Turns turns = new Turns();
    List<Pipeline> parts = new ArrayList<>();
    List<CaptureSource> sources = new ArrayList<>();
    for (int i = 0; i < contexts.size(); i++) {
      StretchOutput goingOn = stretch(out, region);
      StretchOutput droppedOnes = stretch(dropped, region);
      Counters counts = workerCounters.get(i);
      CaptureSource from =
          CaptureSource.share(captures, region, counts, turns, () -> write(goingOn, droppedOnes));
      sources.add(from);
      parts.add(
          part(from, run, contexts.get(i), counts, goingOn, droppedOnes, mayMoveFrame, region));
    }
    return new SplitPipeline(parts, sources, turns, affinity);
  }

  private StretchOutput stretch(CaptureOutput behind, Region region) {
    if (behind == null) {
      return null;
    }
    StretchOutput stretch = new StretchOutput(behind, region);
    stretches.add(stretch);
    return stretch;
  }

  private static void write(StretchOutput... outputs) {
    for (StretchOutput output : outputs) {
      if (output != null) {
        output.write();
      }
    }
  }

  private FramePool pool(Region region, int frames) {
    FramePool pool = new FramePool(region, frames);
    pools.add(pool);
    return pool;
  }

  private CaptureOutput output(Path file, Region region) throws IOException {
    if (file == null) {
      return null;
    }
    CaptureWriter writer =
        CaptureWriter.create(file, CaptureFormat.forName(file), "xdp4j, program " + programName);
    return new CaptureOutput(writer, region, this::interfaceName, "program " + programName);
  }

  private String interfaceName(int ifindex) {
    String name = captures.names().getOrDefault(ifindex, "");
    return name.isEmpty() ? "if" + ifindex : name;
  }

  /** An output that is also an input would be emptied before it is read. */
  private void refuseToOverwrite() throws IOException {
    for (Path output : new Path[] {options.out(), options.dropped()}) {
      if (output == null) {
        continue;
      }
      for (Path capture : options.captures()) {
        if (!capture.toString().equals(CaptureReader.STDIN) && same(output, capture)) {
          throw new IOException(output + ": is a capture to be replayed, and would be overwritten");
        }
      }
    }
    if (options.out() != null && options.dropped() != null) {
      Path one = options.out().toAbsolutePath().normalize();
      if (one.equals(options.dropped().toAbsolutePath().normalize())
          || same(options.out(), options.dropped())) {
        throw new IOException(
            options.out() + ": cannot take both the frames that go on and the dropped ones");
      }
    }
  }

  private static boolean same(Path one, Path other) throws IOException {
    return Files.isRegularFile(one) && Files.isRegularFile(other) && Files.isSameFile(one, other);
  }

  /**
   * Replays to the end, or until {@link #stop}. Once.
   *
   * @throws org.xdp4j.engine.account.UnbalancedException when a frame was lost: a bug here
   */
  public ReplayResult run() {
    if (ran) {
      throw new IllegalStateException("a replay runs once");
    }
    ran = true;
    long begin = System.nanoTime();
    IOException failure;
    try {
      pipeline.run();
    } finally {
      failure = closeOutputs();
    }
    long nanos = System.nanoTime() - begin;
    Books books = Books.of(counters, pipeline.inFlight());
    books.requireBalance();
    boolean pinned = bound() == options.workers();
    return new ReplayResult(
        books,
        workerCounters.stream().map(c -> Books.of(List.of(c), 0).judged()).toList(),
        pinned,
        pipeline.redirected(),
        captures.names(),
        captures.problems(),
        outputFailure() != null ? outputFailure() : failure,
        pipeline.stopped(),
        nanos,
        program == null ? 0 : program.faults());
  }

  private int bound() {
    return switch (pipeline) {
      case ParallelPipeline parallel -> parallel.boundCpus().size();
      case SplitPipeline split -> split.boundCpus().size();
      default -> 0;
    };
  }

  private IOException outputFailure() {
    for (StretchOutput stretch : stretches) {
      if (stretch.failure() != null) {
        return stretch.failure();
      }
    }
    return pipeline.failure();
  }

  private IOException closeOutputs() {
    IOException failure = null;
    for (CaptureOutput output : new CaptureOutput[] {out, dropped}) {
      if (output != null) {
        try {
          output.close();
        } catch (IOException e) {
          failure = e;
        }
      }
    }
    out = null;
    dropped = null;
    return failure;
  }

  /** Ends the replay early: what was received still ends as it should. From any thread. */
  public void stop() {
    pipeline.stop();
    captures.stop();
  }

  /** How far the replay is. From any thread, at any time. */
  public ReplayProgress progress() {
    Books books = Books.of(counters, 0);
    return new ReplayProgress(books.get(Counter.RECEIVED), captures.position(), totalBytes);
  }

  /** Bytes of capture to be read in all, or -1 when that cannot be known. */
  private static long totalBytes(ReplayOptions options) {
    long total = 0;
    for (Path capture : options.captures()) {
      long size = CaptureRecords.uncompressedSize(capture);
      if (size < 0) {
        return -1;
      }
      total += size;
    }
    return Math.multiplyHigh(total, options.repeat()) == 0 ? total * options.repeat() : -1;
  }

  private void closeCaptures() {
    if (source != null) {
      source.close();
    } else {
      captures.close();
    }
  }

  /** Gives the frames' memory back. */
  @Override
  public void close() {
    closeCaptures();
    closeOutputs();
    for (FramePool pool : pools) {
      if (pool.inUse() == 0) {
        pool.close();
      }
    }
  }
}
