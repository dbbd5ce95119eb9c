package org.xdp4j.engine.account;

/**
 * What is counted beside drop reasons. Byte counters count captured bytes of the frame as it was
 * when it was counted.
 */
public enum Counter {
  /** Frames that came in through a port. */
  RECEIVED,
  RECEIVED_BYTES,
  /** Frames made here: by a generator, or as further copies of a broadcast. */
  GENERATED,
  /** Frames sent out of a port: XDP_TX and XDP_REDIRECT. */
  TRANSMITTED,
  TRANSMITTED_BYTES,
  /** Frames handed to the stack: XDP_PASS. */
  DELIVERED,
  DELIVERED_BYTES,
  /** Frames that were dropped, for whatever reason. */
  DROPPED_BYTES,
  /** Frames a program was run on, by what it returned. */
  VERDICT_ABORTED,
  VERDICT_DROP,
  VERDICT_PASS,
  VERDICT_TX,
  VERDICT_REDIRECT,
  VERDICT_UNKNOWN;

  private static final Counter[] COUNTERS = values();

  /** How many there are. */
  static int count() {
    return COUNTERS.length;
  }

  /** The counter of an XDP return code, known or not. */
  public static Counter ofVerdict(int returnCode) {
    boolean known = returnCode >= 0 && returnCode <= 4;
    return known ? COUNTERS[VERDICT_ABORTED.ordinal() + returnCode] : VERDICT_UNKNOWN;
  }
}
