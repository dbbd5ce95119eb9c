package org.xdp4j.bench;

import org.HdrHistogram.Histogram;
import org.xdp4j.engine.plan.PortMaker;

/**
 * Two ports between which a forwarder moves frames that come in at set times. A frame carries the
 * time it should have come in at, not the time it did: when anything stops whoever makes them, the
 * frames that could not be made count as late.
 */
interface TimedLoad {
  /** Lateness that counts as a pause, in nanoseconds. */
  long PAUSE = 1_000_000;

  /** The port that frames come in by. */
  PortMaker in();

  /** The port that frames leave by. */
  PortMaker out();

  /** Has frames come in at a rate for a while, and waits for the last. */
  Result send(double framesASecond, long millis, PauseListener listener);

  /** Times at which frames were late by more than a millisecond, from the first to the last. */
  @FunctionalInterface
  interface PauseListener {
    void late(long from, long to);
  }

  /**
   * What a run came to.
   *
   * @param lost frames there was no room for, or that never came back; in the histogram they took
   *     as long as the run
   * @param nanos until the last frame had come in, which is longer than was asked for when the rate
   *     is more than can be had
   */
  record Result(long sent, long lost, long nanos, Histogram latency) {
    /** Whether nothing was lost and all came in in time, but for one in a hundred. */
    boolean keptUp(long millis) {
      return lost == 0 && nanos < millis * 1_010_000;
    }
  }

  /** Finds stretches of time in which frames are late. Owned by one thread. */
  final class Lateness {
    private final PauseListener listener;
    private long from;
    private long until;

    Lateness(PauseListener listener) {
      this.listener = listener;
    }

    /** Frames are done that took so long at the most. */
    void took(long most, long now) {
      if (most > PAUSE) {
        from = until == 0 ? now : from;
        until = now;
      } else if (until != 0 && now - until > PAUSE) {
        end();
      }
    }

    /** Nothing comes any more. */
    void end() {
      if (until != 0) {
        listener.late(from, until);
        until = 0;
      }
    }
  }
}
