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
import org.xdp4j.engine.port.CaptureSource;
import org.xdp4j.engine.port.Transmitter;
import org.xdp4j.engine.worker.Affinity;
import org.xdp4j.engine.worker.BatchProgram;
import org.xdp4j.engine.worker.DirectPipeline;
import org.xdp4j.engine.worker.Egress;
import org.xdp4j.engine.worker.InPlacePipeline;
import org.xdp4j.engine.worker.ParallelPipeline;
import org.xdp4j.engine.worker.Pipeline;
import org.xdp4j.engine.worker.RxHash;

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
  private final FramePool pool;
  private final CaptureSource source;
  private final Egress egress;
  private final Pipeline pipeline;
  private Transmitter out;
  private Transmitter dropped;
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
    int workers = options.workers();
    pool =
        new FramePool(
            region, workers == 1 ? DirectPipeline.poolSize() : ParallelPipeline.poolSize(workers));
    source = new CaptureSource(options.captures(), options.repeat(), region, own);
    try {
      out = output(options.out(), region);
      dropped = output(options.dropped(), region);
      egress = new Egress(out, dropped, own);
      pipeline = pipeline(run, contexts(region, events), mayMoveFrame, region);
    } catch (IOException | RuntimeException e) {
      source.close();
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
    if (contexts.size() == 1) {
      workerCounters.add(counters.getFirst());
      if (!mayMoveFrame && source.readsInPlace()) {
        return new InPlacePipeline(
            source, run, contexts.getFirst(), counters.getFirst(), out, dropped);
      }
      return new DirectPipeline(
          source, run, contexts.getFirst(), counters.getFirst(), egress, pool);
    }
    for (int i = 0; i < contexts.size(); i++) {
      workerCounters.add(new Counters());
    }
    counters.addAll(workerCounters);
    Affinity affinity = options.pin() ? Affinity.ofSystem().orElse(null) : null;
    return new ParallelPipeline(source, run, contexts, workerCounters, egress, pool, affinity);
  }

  private Transmitter output(Path file, Region region) throws IOException {
    if (file == null) {
      return null;
    }
    CaptureWriter writer =
        CaptureWriter.create(file, CaptureFormat.forName(file), "xdp4j, program " + programName);
    return new CaptureOutput(writer, region, this::interfaceName, "program " + programName);
  }

  private String interfaceName(int ifindex) {
    String name = source.names().getOrDefault(ifindex, "");
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
    Books books = Books.of(counters, pool.inUse());
    books.requireBalance();
    boolean pinned =
        pipeline instanceof ParallelPipeline parallel
            && parallel.boundCpus().size() == options.workers();
    return new ReplayResult(
        books,
        workerCounters.stream().map(c -> Books.of(List.of(c), 0).judged()).toList(),
        pinned,
        pipeline instanceof InPlacePipeline p ? p.redirected() : egress.redirected(),
        source.names(),
        source.problems(),
        outputFailure() != null ? outputFailure() : failure,
        pipeline.stopped(),
        nanos,
        program == null ? 0 : program.faults());
  }

  private IOException outputFailure() {
    return pipeline instanceof InPlacePipeline p ? p.failure() : egress.failure();
  }

  private IOException closeOutputs() {
    IOException failure = null;
    for (Transmitter output : new Transmitter[] {out, dropped}) {
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
    source.stop();
  }

  /** How far the replay is. From any thread, at any time. */
  public ReplayProgress progress() {
    Books books = Books.of(counters, 0);
    return new ReplayProgress(books.get(Counter.RECEIVED), source.position(), totalBytes);
  }

  /** Bytes of capture to be read in all, or -1 when that cannot be known. */
  private static long totalBytes(ReplayOptions options) {
    long total = 0;
    for (Path capture : options.captures()) {
      long size = CaptureSource.uncompressedSize(capture);
      if (size < 0) {
        return -1;
      }
      total += size;
    }
    return Math.multiplyHigh(total, options.repeat()) == 0 ? total * options.repeat() : -1;
  }

  /** Gives the frames' memory back. */
  @Override
  public void close() {
    source.close();
    closeOutputs();
    if (pool.inUse() == 0) {
      pool.close();
    }
  }
}
