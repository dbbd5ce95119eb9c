package org.xdp4j.net.stack;

/** Whether a packet's source must be reachable where it came from (RFC 3704, section 2). */
public enum ReversePath {
  /** No check. */
  OFF,
  /** There must be a route to it, over whatever interface (section 2.4). */
  LOOSE,
  /** The route to it must lead out of the interface it came in on (section 2.2). */
  STRICT
}
