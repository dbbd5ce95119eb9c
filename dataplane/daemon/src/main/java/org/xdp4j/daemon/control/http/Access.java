package org.xdp4j.daemon.control.http;

/** What a client must be allowed to do. */
public enum Access {
  /** Anyone who can connect. */
  OPEN,
  /** Look. */
  READ,
  /** Change something, or see what frames hold. */
  WRITE
}
