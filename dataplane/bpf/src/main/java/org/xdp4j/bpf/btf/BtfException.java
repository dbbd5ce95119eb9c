package org.xdp4j.bpf.btf;

/** A {@code .BTF} or {@code .BTF.ext} section that cannot be read. */
public sealed class BtfException extends Exception permits BtfLayoutException {
  private static final long serialVersionUID = 1L;

  private final long offset;

  /**
   * @param offset bytes from the section's beginning
   * @param message what is wrong there, a clause without the offset
   */
  public BtfException(long offset, String message) {
    super(message);
    this.offset = offset;
  }

  /** Bytes from the section's beginning. */
  public long offset() {
    return offset;
  }
}
