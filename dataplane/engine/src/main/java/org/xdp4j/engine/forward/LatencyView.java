package org.xdp4j.engine.forward;

import org.HdrHistogram.Histogram;

/**
 * How long frames take from being received to being given to a port, in nanoseconds, over all
 * workers. Batches are stamped, not frames: the error is a batch's time at the most. Frames that
 * waited for a neighbour are in it.
 *
 * @param histogram a copy, the caller's own
 */
public record LatencyView(Histogram histogram) {
  /** Nanoseconds within which this share of frames went through, 0 to 100. */
  public long percentile(double percent) {
    return histogram.getTotalCount() == 0 ? 0 : histogram.getValueAtPercentile(percent);
  }
}
