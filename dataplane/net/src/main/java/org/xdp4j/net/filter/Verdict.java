package org.xdp4j.net.filter;

/** What the filter says about a packet. */
public enum Verdict {
  ACCEPT,
  /**
   * The same for the first of a connection, which {@link Filter#open} is to be told when it goes.
   */
  NEW,
  DROP,
  /** Dropped, and its sender told so. */
  REJECT,
  /** It can be the first of no connection, and belongs to none. */
  INVALID,
  /** It would be accepted, but there is no room for its connection. */
  FULL
}
