package org.xdp4j.engine.linux;

import java.io.IOException;

/** Linux refused something, in one sentence. */
public final class LinuxException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  /**
   * Makes one.
   *
   * @param what was asked for
   * @param result the negative result
   */
  public LinuxException(String what, long result) {
    super(what + ": " + Errno.sentence(result));
    this.errno = (int) -result;
  }

  /** The {@link Errno}. */
  public int errno() {
    return errno;
  }

  /** Hands back what is no error. */
  public static int check(String what, long result) throws LinuxException {
    if (result < 0) {
      throw new LinuxException(what, result);
    }
    return (int) result;
  }
}
