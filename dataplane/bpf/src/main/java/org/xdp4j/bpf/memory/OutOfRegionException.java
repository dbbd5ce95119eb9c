package org.xdp4j.bpf.memory;

/** A {@link Region} has not as much room left as was asked for. */
public final class OutOfRegionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  OutOfRegionException(long asked, long left) {
    super("out of program memory: " + asked + " bytes asked for, " + left + " left");
  }
}
