package org.xdp4j.engine.frame;

/** What is to become of a frame after its program ran. */
public enum Fate {
  /** Handed to the stack. */
  DELIVER,
  /** Sent out of the port it came in on, or the one in {@link Frame#egress}. */
  TRANSMIT,
  /** Sent out of every port in {@link Frame#targets}. */
  BROADCAST,
  /** Dropped for XDP_DROP. */
  DROP,
  /** Dropped for XDP_ABORTED. */
  ABORT,
  /** Dropped for a return code that is no action. */
  UNKNOWN,
  /** Dropped for a redirect without a target. */
  REDIRECT_FAILED,
  /** Dropped by a device map's program. */
  EGRESS_PROGRAM;

  private static final Fate[] FATES = values();

  /** How many there are. */
  public static int count() {
    return FATES.length;
  }

  /** Whether the frame goes no further. */
  public boolean isDrop() {
    return ordinal() >= DROP.ordinal();
  }
}
