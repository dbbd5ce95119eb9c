package org.xdp4j.bpf.verifier;

/** How messages say what a register holds. */
final class RegisterText {
  private RegisterText() {}

  /** {@code packet + 14}, {@code the number 3}. */
  static String of(RegisterState r) {
    return switch (r.kind()) {
      case UNINITIALISED -> "uninitialised";
      case SCALAR ->
          r.range().isConstant() ? "the number " + r.range() : "a number (" + r.range() + ")";
      case FUNCTION -> "a function";
      case ARENA -> "a pointer into the arena";
      default -> noun(r) + offset(r) + (r.nullable() ? ", or NULL" : "");
    };
  }

  private static String noun(RegisterState r) {
    return switch (r.kind()) {
      case CONTEXT -> "context";
      case STACK -> "fp";
      case PACKET -> "packet";
      case PACKET_META -> "packet metadata";
      case PACKET_END -> "packet end";
      case DYNPTR -> "a dynptr";
      case MAP -> "map '" + r.map().name() + "'";
      case MAP_VALUE -> "value of map '" + r.map().name() + "'";
      case SOCKET -> "socket";
      case SOCK_COMMON -> "common socket";
      case KERNEL_STRUCT -> "the kernel's " + r.object();
      case OBJECT -> object(r);
      case MAP_KEY -> "key of map '" + r.map().name() + "'";
      default ->
          r.isAnyMemory()
              ? "memory that nothing is known of"
              : r.has(RegisterState.RESERVED) ? "reserved record" : "memory";
    };
  }

  private static String object(RegisterState r) {
    String what = r.object().toString();
    if (r.has(RegisterState.PERCPU)) {
      what += " of each CPU";
    }
    if (r.isOwnedObject()) {
      return "an owned " + what;
    }
    return r.has(RegisterState.NON_OWNING)
        ? "a lent " + what
        : r.has(RegisterState.UNTRUSTED) ? "an untrusted " + what : "a shared " + what;
  }

  /** {@code " + 14"}, {@code " - 8"}, {@code " + (0 to 255) + 2"} or empty. */
  private static String offset(RegisterState r) {
    if (r.range().isConstant()) {
      long whole = r.fixedOffset();
      return whole == 0 ? "" : whole < 0 ? " - " + -whole : " + " + whole;
    }
    int offset = r.offset();
    String fixed = offset == 0 ? "" : offset < 0 ? " - " + -(long) offset : " + " + offset;
    return " + (" + r.range() + ")" + fixed;
  }
}
