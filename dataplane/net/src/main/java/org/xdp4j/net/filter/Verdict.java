package org.xdp4j.net.filter;

/** What the filter says about a packet. */
public enum Verdict {
  ACCEPT,
  DROP,
  /** Dropped, and its sender told so. */
  REJECT,
  /** It can be the first of no connection, and belongs to none. */
  INVALID,
  /** It would be accepted, but there is no room for its connection. */
  FULL
}
