package org.xdp4j.bpf.verifier;

/** What to say of a number that was a pointer until some call. */
final class Loss {
  private Loss() {}

  /** The class of mistake that using it as a pointer is. */
  static Cause cause(RegisterState scalar, Cause otherwise) {
    if (scalar.lostAt() < 0) {
      return otherwise;
    }
    return isPacket(scalar) ? Cause.PACKET_POINTER_LOST : Cause.USE_AFTER_RELEASE;
  }

  private static boolean isPacket(RegisterState scalar) {
    return !scalar.has(RegisterState.RELEASED) && !scalar.has(RegisterState.UNLOCKED);
  }

  /** A clause behind a reason, with its colon; empty for what was no pointer. */
  static String clause(RegisterState scalar) {
    return scalar.lostAt() < 0 ? "" : ": " + history(scalar);
  }

  private static String history(RegisterState scalar) {
    String call = "the call at instruction " + scalar.lostAt();
    if (scalar.has(RegisterState.RELEASED)) {
      return call + " gave back what it pointed at";
    }
    return scalar.has(RegisterState.UNLOCKED)
        ? "it pointed at an object of a list or tree until " + call + " released the lock"
        : "it was a packet pointer until " + call + " moved the packet";
  }

  /** What the register holds, in words. */
  static String words(RegisterState scalar) {
    return isPacket(scalar)
        ? "no packet pointer any more: the call at instruction "
            + scalar.lostAt()
            + " may have moved the packet"
        : "no pointer any more: " + history(scalar);
  }

  /** What the call did, as a step of a path. */
  static String step(RegisterState scalar) {
    if (scalar.has(RegisterState.RELEASED)) {
      return "this call gives it back: no pointer to it may be used any more";
    }
    return scalar.has(RegisterState.UNLOCKED)
        ? "this call releases the lock: pointers to what lists and trees lent are lost"
        : "this call may move the packet: all packet pointers are lost";
  }
}
