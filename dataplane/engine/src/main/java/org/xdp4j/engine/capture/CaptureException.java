package org.xdp4j.engine.capture;

import java.io.IOException;

/**
 * A capture cannot be read, or not any further. The message is one sentence that names the file,
 * the byte and the reason.
 */
public final class CaptureException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final long offset;

  /**
   * Makes one.
   *
   * @param offset the byte of the (uncompressed) capture where the trouble is
   */
  public CaptureException(String file, long offset, String reason) {
    super(file + ": " + reason);
    this.file = file;
    this.offset = offset;
  }

  /** The capture's name, as it was opened. */
  public String file() {
    return file;
  }

  /** The byte of the (uncompressed) capture where the trouble is. */
  public long offset() {
    return offset;
  }
}
