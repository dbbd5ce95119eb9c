package org.xdp4j.engine.port;

/** Whether a port moves frames. */
public enum PortState {
  /** It does. */
  UP,
  /** Its interface is down, or has no carrier: nothing comes, and what is sent is refused. */
  DOWN,
  /** Its interface was deleted; the port attaches itself again when one of that name returns. */
  GONE
}
