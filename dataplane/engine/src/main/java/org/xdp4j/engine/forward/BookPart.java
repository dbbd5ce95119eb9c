package org.xdp4j.engine.forward;

import org.xdp4j.engine.account.DropReason;
import org.xdp4j.engine.forward.WorkerCounters.Total;
import org.xdp4j.net.stack.StackCounters;

/**
 * One worker's part of the books at one moment between two rounds.
 *
 * @param held frames with the worker: waiting for neighbours, collected, with its ports' queues
 * @param handedOut frames given to other workers, less those got from them
 * @param engineDrops by the ordinal of the engine's reason
 * @param stackDrops by the ordinal of the stack's reason
 */
record BookPart(
    long received,
    long receivedBytes,
    long generated,
    long transmitted,
    long transmittedBytes,
    long punted,
    long delivered,
    long held,
    long handedOut,
    long[] engineDrops,
    long[] stackDrops) {
  /**
   * Of a worker's counters.
   *
   * @param unsent what its ports took and did not send, up to now
   * @param collected frames collected to be transmitted
   */
  static BookPart of(
      WorkerCounters counters, StackCounters stack, WorkerPorts.Unsent unsent, long collected) {
    long errors = unsent.errors() + counters.get(Total.RETIRED_ERRORS);
    long puntErrors = unsent.puntErrors() + counters.get(Total.RETIRED_PUNT_ERRORS);
    long noBuffer = unsent.noBuffer() + counters.get(Total.RETIRED_NO_BUFFER);
    long rxLost = unsent.rxLost() + counters.get(Total.RETIRED_RX_LOST);
    long rxDoubled = unsent.rxDoubled() + counters.get(Total.RETIRED_RX_DOUBLED);
    long txLost = unsent.txLost() + counters.get(Total.RETIRED_TX_LOST);
    long txDoubled = unsent.txDoubled() + counters.get(Total.RETIRED_TX_DOUBLED);
    // Of a port that gets punts and others a failure is a punt's, as long as there were as many.
    long failedPunts = Math.min(puntErrors, counters.get(Total.PUNTED));
    long[] engine = new long[DropReason.count()];
    for (DropReason reason : DropReason.values()) {
      engine[reason.ordinal()] = counters.drops.dropped(reason);
    }
    engine[DropReason.TRANSMIT_FAILED.ordinal()] += errors + puntErrors - txLost + txDoubled;
    engine[DropReason.FAULT_LOSS.ordinal()] += rxLost + txLost;
    engine[DropReason.NO_BUFFER.ordinal()] += noBuffer;
    long[] net = new long[org.xdp4j.net.stack.DropReason.count()];
    for (org.xdp4j.net.stack.DropReason reason : org.xdp4j.net.stack.DropReason.values()) {
      net[reason.ordinal()] = stack.dropped(reason);
    }
    return new BookPart(
        counters.get(Total.RECEIVED) + noBuffer + rxLost - rxDoubled,
        counters.get(Total.RECEIVED_BYTES),
        counters.get(Total.GENERATED)
            + stack.get(StackCounters.Total.GENERATED)
            + rxDoubled
            + txDoubled,
        counters.get(Total.TRANSMITTED) - errors - (puntErrors - failedPunts) - unsent.held(),
        counters.get(Total.TRANSMITTED_BYTES),
        counters.get(Total.PUNTED) - failedPunts,
        stack.get(StackCounters.Total.DELIVERED) + counters.get(Total.CONSUMED),
        stack.get(StackCounters.Total.HELD) + collected + unsent.held(),
        counters.get(Total.HANDED_OUT) - counters.get(Total.HANDED_IN),
        engine,
        net);
  }
}
