package org.xdp4j.engine.port;

import java.io.IOException;

/** A port cannot be made, in one sentence that names it. */
public final class PortException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Makes one. */
  public PortException(String port, String problem) {
    super(port + ": " + problem);
  }
}
