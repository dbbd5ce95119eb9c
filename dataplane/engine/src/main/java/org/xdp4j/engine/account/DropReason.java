package org.xdp4j.engine.account;

/** Why a frame went no further. */
public enum DropReason {
  /** The program returned XDP_DROP. */
  XDP_DROP("xdp-drop", "the program dropped it"),
  /** The program returned XDP_ABORTED, or faulted. */
  XDP_ABORTED("xdp-aborted", "the program aborted"),
  /** The program returned a code that is no XDP action, which Linux treats as XDP_ABORTED. */
  UNKNOWN_ACTION("unknown-action", "the program returned a code that is no action"),
  /** The program returned XDP_REDIRECT without a target that exists. */
  REDIRECT_FAILED("redirect-failed", "the program redirected it to no target"),
  /** The program of a device map's entry did not pass it. */
  EGRESS_PROGRAM("egress-program", "the device map's program dropped it"),
  /** Its capture is not of Ethernet. */
  NOT_ETHERNET("not-ethernet", "its link type is not Ethernet"),
  /** Too short for an Ethernet header, so Linux would not run a program on it either. */
  TOO_SHORT("too-short", "it has no whole Ethernet header"),
  /** No buffer of its size could be had. */
  NO_BUFFER("no-buffer", "no buffer of its size was free"),
  /** The output could not be written. */
  OUTPUT_FAILED("output-failed", "the output could not be written"),
  /** The port it was to leave by took no more: it is slower than what is sent to it. */
  PORT_FULL("port-full", "the port it was to leave by was full"),
  /** The port took it and could not send it: its interface is down or gone. */
  TRANSMIT_FAILED("transmit-failed", "the port it left by could not send it"),
  /** The port it came or left by loses frames on purpose. */
  FAULT_LOSS("fault-loss", "its port loses frames on purpose"),
  /** The port it was to leave by is no longer there. */
  PORT_GONE("port-gone", "the port it was to leave by is no longer there"),
  /** The ring to the worker it was for was full: that worker is slower than what comes in. */
  RING_FULL("ring-full", "the ring to the worker it was for was full"),
  /** The consumer behind an XSKMAP takes no more. */
  CONSUMER_FULL("consumer-full", "the consumer of its map was full"),
  /** A fault of ours while it was handled. */
  INTERNAL_ERROR("internal-error", "handling it failed: a bug of this program");

  private static final DropReason[] REASONS = values();

  private final String label;
  private final String sentence;

  DropReason(String label, String sentence) {
    this.label = label;
    this.sentence = sentence;
  }

  /** How many there are. */
  public static int count() {
    return REASONS.length;
  }

  /** The reason with this ordinal. */
  public static DropReason of(int ordinal) {
    return REASONS[ordinal];
  }

  /** A short name for tables and metrics. */
  public String label() {
    return label;
  }

  /** The reason in words. */
  public String sentence() {
    return sentence;
  }
}
