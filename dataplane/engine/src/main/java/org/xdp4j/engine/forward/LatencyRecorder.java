package org.xdp4j.engine.forward;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import org.xdp4j.engine.frame.Frame;

/** How long frames took from when they came in until they leave. Written by one worker. */
final class LatencyRecorder {
  private static final long MAX = 60_000_000_000L;

  private final SingleWriterRecorder recorder = new SingleWriterRecorder(MAX, 3);

  /** Records how long frames took until now that came in together. */
  void record(long received, int count) {
    took(System.nanoTime() - received, count);
  }

  /** The same for others, most of which did. */
  void record(Frame[] leaving, int count) {
    long time = System.nanoTime();
    long received = leaving[0].received;
    int from = 0;
    for (int i = 0; i < count; i++) {
      Frame frame = leaving[i];
      if (frame.received != received) {
        took(time - received, i - from);
        received = frame.received;
        from = i;
      }
    }
    took(time - received, count - from);
  }

  private void took(long nanos, int frames) {
    recorder.recordValueWithCount(Math.min(MAX, Math.max(0, nanos)), frames);
  }

  /** What was recorded since this was last asked; any thread, one at a time. */
  Histogram sinceLast() {
    return recorder.getIntervalHistogram();
  }
}
