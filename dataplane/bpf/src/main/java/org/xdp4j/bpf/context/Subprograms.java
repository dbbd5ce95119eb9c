package org.xdp4j.bpf.context;

/**
 * The subprograms of a program, as helpers call them that take callbacks. While a program runs,
 * {@link XdpContext#subprograms} and {@link XdpContext#calleeFrame} say whose they are and where
 * their stack begins; a helper reads both before the first call, since a callback may call such a
 * helper itself.
 */
public interface Subprograms {
  /**
   * Runs a subprogram to its end.
   *
   * @param function what a register holds that points at it
   * @param framePointer its r10
   * @return r0
   */
  long call(
      XdpContext context,
      long function,
      long r1,
      long r2,
      long r3,
      long r4,
      long r5,
      long framePointer);

  /**
   * The structs that the program allocates objects of.
   *
   * @param instruction the one that asks ({@link XdpContext#caller}): programs that were put
   *     together have types of their own each
   */
  default LocalTypes types(int instruction) {
    return LocalTypes.NONE;
  }

  /** What is to be held by who keeps the subprograms for after the run that goes on now. */
  default Lifetime lifetime() {
    return Lifetime.ENDLESS;
  }

  /** Says, before anybody has them, what {@link #lifetime} is. */
  default void livesBy(Lifetime lifetime) {}

  /** The same subprograms, to be called when the run that goes on now is over. */
  default Subprograms lasting() {
    return this;
  }
}
