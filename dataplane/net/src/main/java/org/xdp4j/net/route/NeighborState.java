package org.xdp4j.net.route;

/** What is known of a neighbour (RFC 4861, section 7.3.2, for ARP as well). */
public enum NeighborState {
  /** Nothing, and nobody asked. */
  NONE,
  /** Asked for; no answer yet. */
  INCOMPLETE,
  /** Confirmed lately. */
  REACHABLE,
  /** Known, but not confirmed lately. */
  STALE,
  /** Not confirmed lately, used since; about to be asked. */
  DELAY,
  /** Being asked whether it is still there. */
  PROBE,
  /** Did not answer. */
  FAILED,
  /** Set by configuration; never asked, never changed. */
  PERMANENT,
  /** No longer in the table. */
  GONE;

  private static final NeighborState[] STATES = values();

  static NeighborState of(int ordinal) {
    return STATES[ordinal];
  }

  /** Whether packets can be sent to it. */
  public boolean isUsable() {
    return switch (this) {
      case REACHABLE, STALE, DELAY, PROBE, PERMANENT -> true;
      case NONE, INCOMPLETE, FAILED, GONE -> false;
    };
  }
}
