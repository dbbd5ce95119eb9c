package org.xdp4j.bpf;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import org.xdp4j.bpf.compiler.Support;
import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.helper.SpinLockHelpers;
import org.xdp4j.bpf.memory.Region;

/**
 * Runs a program on trial, over copies of frames and beside {@link ScratchMaps}, until the JVM has
 * compiled it: so that it does not begin its life in the interpreter, a hundred times slower, when
 * it takes over from another version under load.
 */
final class Warmup {
  /** Frames of a trial, at the least: what HotSpot's thresholds ask for, several times. */
  private static final long FRAMES = 150_000;

  /** A window of time, by which progress is told, and windows without any that end a trial. */
  private static final long WINDOW = 20_000_000;

  private static final int PATIENCE = 8;
  private static final double PROGRESS = 0.93;

  /**
   * Compiled by C2 a program is so many times as quick as at first, when it is interpreted; by C1
   * some eight times. Until it is, C2 may still have it before it, behind its own loop as a method
   * entered in the middle, on CPUs that others use: so long a trial is more patient.
   */
  private static final double COMPILED = 32;

  private static final int MORE_PATIENCE = 50;
  private static final int BATCH = 64;
  private static final int HEADROOM = 256;
  private static final int TAILROOM = 320;

  private final Executable executable;
  private final List<SampleFrame> frames;
  private final XdpContext context;
  private final Region region;
  private final XdpBatch batch = new XdpBatch(BATCH);
  private final long handle;
  private final long slot;
  private final long memory;
  private int next;

  /**
   * @param handle of any map, 0 for none
   */
  Warmup(Executable executable, List<SampleFrame> frames, XdpContext context, long handle) {
    this.executable = executable;
    this.frames = frames;
    this.context = context;
    this.region = context.region;
    this.handle = handle;
    int longest = frames.stream().mapToInt(frame -> frame.bytes().length).max().orElseThrow();
    // An odd number of cache lines, as frame pools have it.
    slot = (HEADROOM + longest + TAILROOM + 63L) / 64 * 64 | 64;
    memory = region.allocate(slot * BATCH, 64);
  }

  WarmupResult run(Duration atMost) {
    long start = System.nanoTime();
    long deadline = start + atMost.toNanos();
    double first = 0;
    double best = Double.MAX_VALUE;
    long done = 0;
    int idle = 0;
    try (ScratchMaps maps = new ScratchMaps(region, context.cpu + 1)) {
      context.trial = maps;
      while (System.nanoTime() < deadline && (idle < patience(first, best) || done < FRAMES)) {
        long count = 0;
        long begin = System.nanoTime();
        long now = begin;
        while (now - begin < WINDOW) {
          count += runBatch();
          maps.rest();
          now = System.nanoTime();
        }
        mix();
        double nanos = (double) (now - begin) / count;
        first = done == 0 ? nanos : first;
        idle = nanos < best * PROGRESS ? 0 : idle + 1;
        best = Math.min(best, nanos);
        done += count;
      }
    } finally {
      context.trial = null;
      context.reset();
      region.free(memory, slot * BATCH);
    }
    return new WarmupResult(
        done,
        first,
        best,
        Duration.ofNanos(System.nanoTime() - start),
        idle >= patience(first, best));
  }

  private static int patience(double first, double best) {
    return best * COMPILED <= first ? PATIENCE : MORE_PATIENCE;
  }

  private void mix() {
    if (handle != 0) {
      Support.mix(context, handle, 2000);
    }
  }

  private int runBatch() {
    for (int i = 0; i < BATCH; i++) {
      place(i, frames.get(next));
      next = next + 1 == frames.size() ? 0 : next + 1;
    }
    batch.size = BATCH;
    batch.done = 0;
    context.enterRun();
    try {
      lookAhead();
      runPlaced();
    } finally {
      context.leaveRun();
    }
    return BATCH;
  }

  // What faults in these would do so in earnest too, and be counted then.

  private void lookAhead() {
    try {
      executable.lookAhead(batch, context);
    } catch (RuntimeException | StackOverflowError fault) {
      batch.done = 0;
    }
  }

  private void runPlaced() {
    while (batch.done < BATCH) {
      try {
        executable.executeBatch(batch, context);
      } catch (RuntimeException | StackOverflowError fault) {
        SpinLockHelpers.releaseAfterFault(context);
        batch.leave(batch.done, context, XdpAction.ABORTED.ordinal());
      }
    }
  }

  private void place(int i, SampleFrame frame) {
    long start = memory + i * slot;
    long data = start + HEADROOM;
    int length = frame.bytes().length;
    MemorySegment.copy(frame.bytes(), 0, region.segment(), Region.BYTE, data, length);
    batch.dataMeta[i] = data;
    batch.data[i] = data;
    batch.dataEnd[i] = data + length;
    batch.frameStart[i] = start;
    batch.frameEnd[i] = start + slot;
    batch.ingressIfindex[i] = frame.ingressIfindex();
    batch.rxQueueIndex[i] = frame.rxQueueIndex();
    batch.nanos[i] = frame.nanos();
  }
}
