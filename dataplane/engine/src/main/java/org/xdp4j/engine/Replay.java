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
import org.xdp4j.engine.port.CaptureOutput;
import org.xdp4j.engine.port.CaptureRecords;
import org.xdp4j.engine.port.CaptureSource;
import org.xdp4j.engine.worker.BatchProgram;
import org.xdp4j.engine.worker.Pipeline;

/**
 * Runs a program over every frame of captures and applies its verdicts.
 *
 * <p>A program's timers ring by the captures' time: before the first frame that is not older, and
 * the last ones after the last frame, if they are due by its time; those due later never do. Work
 * is done before the next frame, or after the last one. So that this is the same with any number of
 * workers, those of a program that may have timers or work take turns.
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
  private final CaptureRecords captures;
  private final ReplayPipelines pipelines;
  private final List<XdpContext> contexts;
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
    boolean inOrder = program != null && program.hasTimers();
    if (options.workers() > 1 && options.split() && !inOrder) {
      captures = new CaptureRecords(options.captures(), options.repeat(), null);
    } else {
      source = CaptureSource.open(options.captures(), options.repeat(), region, own);
      captures = source.captures();
    }
    try {
      out = output(options.out(), region);
      dropped = output(options.dropped(), region);
      pipelines = new ReplayPipelines(options, run, mayMoveFrame, inOrder, region, out, dropped);
      contexts = pipelines.contexts(events);
      pipeline =
          source == null
              ? pipelines.split(captures, contexts)
              : pipelines.of(source, own, contexts);
      counters.addAll(pipelines.extraCounters());
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

  /**
   * Opens captures and outputs.
   *
   * @param afterBatch is run by the worker after each batch of frames, which of one worker and a
   *     file are the same in every replay; so whoever reads ring buffers there reads the same
   */
  public static Replay open(
      XdpProgram program,
      Region region,
      ReplayOptions options,
      EventSink events,
      Runnable afterBatch)
      throws IOException {
    BatchProgram run =
        (batch, context) -> {
          program.run(batch, context);
          afterBatch.run();
        };
    return new Replay(
        program.name(), program, run, program.mayMoveFrame(), region, options, events);
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
      finishTimers();
    } finally {
      failure = closeOutputs();
    }
    long nanos = System.nanoTime() - begin;
    Books books = Books.of(counters, pipeline.inFlight());
    books.requireBalance();
    boolean pinned = pipeline.boundCpus().size() == options.workers();
    return new ReplayResult(
        books,
        pipelines.workerCounters().stream().map(c -> Books.of(List.of(c), 0).judged()).toList(),
        pinned,
        pipeline.redirected(),
        captures.names(),
        captures.problems(),
        outputFailure() != null ? outputFailure() : failure,
        pipeline.stopped(),
        nanos,
        program == null ? 0 : program.faults());
  }

  /** The capture's time ends with its last frame. */
  private void finishTimers() {
    if (program != null && program.hasTimers()) {
      XdpContext last = contexts.getFirst();
      last.frameNanos = contexts.stream().mapToLong(each -> each.frameNanos).max().orElseThrow();
      program.finishTimers(last);
    }
  }

  private IOException outputFailure() {
    IOException failure = pipelines.failure();
    return failure != null ? failure : pipeline.failure();
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
    pipeline.close();
    closeCaptures();
    closeOutputs();
    pipelines.close();
  }
}
