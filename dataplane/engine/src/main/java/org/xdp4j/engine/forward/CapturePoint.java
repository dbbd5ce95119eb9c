package org.xdp4j.engine.forward;

/** Where on its way a frame is captured. */
public enum CapturePoint {
  /** As it came in through a port. */
  RECEIVED,
  /** As it leaves by a port. */
  TRANSMITTED,
  /** As it was when it was dropped. */
  DROPPED
}
