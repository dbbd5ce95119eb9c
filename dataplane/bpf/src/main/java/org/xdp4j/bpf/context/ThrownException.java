package org.xdp4j.bpf.context;

/**
 * A program called {@code bpf_throw}: its run ends, whatever called whatever. What was thrown is
 * {@link XdpContext#thrown}; whoever runs the program catches this and goes on with the program's
 * exception callback.
 */
public final class ThrownException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The only one: it says nothing of its own, so that throwing costs nothing but the way up. */
  public static final ThrownException INSTANCE = new ThrownException();

  private ThrownException() {
    super("bpf_throw", null, false, false);
  }
}
