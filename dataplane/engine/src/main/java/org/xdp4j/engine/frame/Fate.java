package org.xdp4j.engine.frame;

/**
 * What is to become of a frame after its program ran. Plain numbers: a frame changes its fate
 * millions of times a second, and storing a number costs the collector nothing.
 */
public final class Fate {
  /** Handed to the stack. */
  public static final int DELIVER = 0;

  /** Sent out of the port it came in on, or the one in {@link Frame#egress}. */
  public static final int TRANSMIT = 1;

  /** Sent out of every port in {@link Frame#targets}. */
  public static final int BROADCAST = 2;

  /** Dropped for XDP_DROP. This and all that follow are drops. */
  public static final int DROP = 3;

  /** Dropped for XDP_ABORTED. */
  public static final int ABORT = 4;

  /** Dropped for a return code that is no action. */
  public static final int UNKNOWN = 5;

  /** Dropped for a redirect without a target. */
  public static final int REDIRECT_FAILED = 6;

  /** Dropped by a device map's program. */
  public static final int EGRESS_PROGRAM = 7;

  /** How many there are. */
  public static final int COUNT = 8;

  private Fate() {}

  /** Whether the frame goes no further. */
  public static boolean isDrop(int fate) {
    return fate >= DROP;
  }
}
