package org.xdp4j.engine;

import java.nio.file.Path;
import java.util.List;
import org.xdp4j.engine.capture.CaptureFormat;

/**
 * What to replay and where to.
 *
 * @param captures read one after the other; {@code -} is standard input
 * @param workers 1 runs on the caller's thread; more run on threads of their own. The program must
 *     have been loaded for as many CPUs
 * @param repeat how often to go through all captures, 1 or more
 * @param out gets the frames that are passed, transmitted or redirected; null for none
 * @param dropped gets the frames that are dropped or aborted; null for none
 * @param captureTime whether programs see the frames' own time, so that a replay repeats exactly;
 *     else the machine's clock
 * @param split whether workers share captures by stretches of records, and not by flows: faster,
 *     but frames of a flow are not run one after the other
 * @param pin whether to bind each worker to a CPU, where the system allows it
 */
public record ReplayOptions(
    List<Path> captures,
    int workers,
    long repeat,
    Path out,
    Path dropped,
    boolean captureTime,
    boolean split,
    boolean pin) {
  /** Workers there may be. */
  public static final int MAX_WORKERS = 256;

  /** Checks and copies. */
  public ReplayOptions {
    captures = List.copyOf(captures);
    if (workers < 1 || workers > MAX_WORKERS) {
      throw new IllegalArgumentException(
          "there are 1 to " + MAX_WORKERS + " workers, not " + workers);
    }
    if (repeat < 1) {
      throw new IllegalArgumentException("a replay is repeated 1 time or more, not " + repeat);
    }
  }

  /** One worker, once, nothing written, capture time. */
  public static ReplayOptions of(Path... captures) {
    return new ReplayOptions(List.of(captures), 1, 1, null, null, true, false, true);
  }

  /** The same with this many workers. */
  public ReplayOptions withWorkers(int count) {
    return new ReplayOptions(captures, count, repeat, out, dropped, captureTime, split, pin);
  }

  /** The same, repeated this often. */
  public ReplayOptions withRepeat(long times) {
    return new ReplayOptions(captures, workers, times, out, dropped, captureTime, split, pin);
  }

  /**
   * The same, written to {@code file} in the format of its name ({@link CaptureFormat#forName}).
   */
  public ReplayOptions withOut(Path file) {
    return new ReplayOptions(captures, workers, repeat, file, dropped, captureTime, split, pin);
  }

  /** The same, with dropped frames written to {@code file}. */
  public ReplayOptions withDropped(Path file) {
    return new ReplayOptions(captures, workers, repeat, out, file, captureTime, split, pin);
  }

  /** The same, on the machine's clock when {@code false}. */
  public ReplayOptions withCaptureTime(boolean frameTime) {
    return new ReplayOptions(captures, workers, repeat, out, dropped, frameTime, split, pin);
  }

  /** The same, captures shared by stretches when {@code true}. */
  public ReplayOptions withSplit(boolean byStretches) {
    return new ReplayOptions(
        captures, workers, repeat, out, dropped, captureTime, byStretches, pin);
  }

  /** The same, workers left to the scheduler when {@code false}. */
  public ReplayOptions withPinning(boolean bind) {
    return new ReplayOptions(captures, workers, repeat, out, dropped, captureTime, split, bind);
  }
}
