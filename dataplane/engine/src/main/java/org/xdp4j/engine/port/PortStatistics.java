package org.xdp4j.engine.port;

/**
 * A port's counters at one moment, summed over its queues; see {@link PortCounters}.
 *
 * @param rxPartial frames taken to have come with a checksum that was left to a device
 * @param kernelDrops frames that the kernel dropped before they came here, where it tells
 * @param rxFaults what was done on purpose to frames that came in; null when nothing is
 * @param txFaults the same for frames that went out
 */
public record PortStatistics(
    long rxFrames,
    long rxBytes,
    long rxErrors,
    long rxNoBuffer,
    long rxPartial,
    long txFrames,
    long txBytes,
    long txErrors,
    long txFull,
    long kernelDrops,
    FaultCounts rxFaults,
    FaultCounts txFaults) {
  /** Sums up. */
  static PortStatistics of(Port port) {
    return of(port, null, null);
  }

  /** The same with what was done on purpose. */
  static PortStatistics of(Port port, FaultCounts rxFaults, FaultCounts txFaults) {
    long[] sums = new long[9];
    for (int i = 0; i < port.queues(); i++) {
      PortCounters one = port.queue(i).counters();
      sums[0] += one.rxFrames();
      sums[1] += one.rxBytes();
      sums[2] += one.rxErrors();
      sums[3] += one.rxNoBuffer();
      sums[4] += one.rxPartial();
      sums[5] += one.txFrames();
      sums[6] += one.txBytes();
      sums[7] += one.txErrors();
      sums[8] += one.txFull();
    }
    return new PortStatistics(
        sums[0],
        sums[1],
        sums[2],
        sums[3],
        sums[4],
        sums[5],
        sums[6],
        sums[7],
        sums[8],
        port.kernelDrops(),
        rxFaults,
        txFaults);
  }
}
