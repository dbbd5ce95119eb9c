package org.xdp4j.bpf.btf;

/** A {@code .BTF.ext} section that is not laid out as it should be, so that libbpf ignores it. */
public final class BtfLayoutException extends BtfException {
  private static final long serialVersionUID = 1L;

  /**
   * @param offset bytes from the section's beginning
   * @param message what is wrong there, a clause without the offset
   */
  public BtfLayoutException(long offset, String message) {
    super(offset, message);
  }
}
