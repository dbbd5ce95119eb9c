package org.xdp4j.bpf.verifier;

/** What is known of a register, in words for a person: what {@link RegisterText} says, and why. */
final class RegisterWords {
  private RegisterWords() {}

  /** {@code a packet pointer at offset 34; 34 bytes of the packet are proven}. */
  static String of(RegisterState r) {
    return switch (r.kind()) {
      case UNINITIALISED -> "not set on this path";
      case SCALAR -> scalar(r);
      case CONTEXT -> at("the context, struct xdp_md", r);
      case STACK -> at("a pointer to the stack", r);
      case PACKET -> at("a packet pointer", r) + proven(r, "the packet", "data_end");
      case PACKET_META -> at("a metadata pointer", r) + proven(r, "the metadata", "data");
      case PACKET_END -> "the packet's end, data_end";
      case MAP -> "map '" + r.map().name() + "'";
      case MAP_VALUE ->
          at("a pointer to a value of map '" + r.map().name() + "'", r)
              + sized(r.map().valueSize())
              + orNull(r);
      case MAP_KEY ->
          at("a pointer to a key of map '" + r.map().name() + "'", r) + sized(r.map().keySize());
      case FUNCTION -> "a function";
      default -> r.describe() + (r.nullable() ? ": not compared with NULL yet" : "");
    };
  }

  private static String scalar(RegisterState r) {
    if (r.lostAt() >= 0) {
      return Loss.words(r);
    }
    if (r.range().isConstant()) {
      return "the number " + r.range();
    }
    return r.range().equals(ScalarRange.UNKNOWN) ? "any number" : "a number, " + r.range();
  }

  private static String at(String what, RegisterState r) {
    if (r.range().isConstant()) {
      long offset = r.fixedOffset();
      return offset == 0 ? what : what + " at offset " + offset;
    }
    String fixed = r.offset() == 0 ? "" : (r.offset() < 0 ? " - " : " + ") + Math.abs(r.offset());
    return what + " at a variable offset (" + r.range() + ")" + fixed;
  }

  private static String proven(RegisterState r, String what, String end) {
    if (r.packetRange() < 0) {
      return ", known to lie at " + end + " or behind it";
    }
    String from = r.range().isConstant() ? "" : " from where its variable part leads";
    String bytes = r.packetRange() == 1 ? "1 byte" : r.packetRange() + " bytes";
    return r.packetRange() == 0
        ? "; nothing of " + what + from + " is proven"
        : "; " + bytes + " of " + what + from + (r.packetRange() == 1 ? " is" : " are") + " proven";
  }

  private static String sized(int size) {
    return ", which has " + (size == 1 ? "1 byte" : size + " bytes");
  }

  private static String orNull(RegisterState r) {
    return r.nullable() ? ", or NULL: not compared with it yet" : "";
  }
}
