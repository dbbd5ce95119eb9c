package org.xdp4j.engine.port;

/**
 * A port's counters at one moment, summed over its queues; see {@link PortCounters}.
 *
 * @param kernelDrops frames that the kernel dropped before they came here, where it tells
 */
public record PortStatistics(
    long rxFrames,
    long rxBytes,
    long rxErrors,
    long rxNoBuffer,
    long txFrames,
    long txBytes,
    long txErrors,
    long txFull,
    long kernelDrops) {
  /** Sums up. */
  static PortStatistics of(Port port) {
    long[] sums = new long[8];
    for (int i = 0; i < port.queues(); i++) {
      PortCounters one = port.queue(i).counters();
      sums[0] += one.rxFrames();
      sums[1] += one.rxBytes();
      sums[2] += one.rxErrors();
      sums[3] += one.rxNoBuffer();
      sums[4] += one.txFrames();
      sums[5] += one.txBytes();
      sums[6] += one.txErrors();
      sums[7] += one.txFull();
    }
    return new PortStatistics(
        sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6], sums[7], port.kernelDrops());
  }
}
