package org.xdp4j.bpf.btf;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;

/** Writes one value by its type. Offsets are in bits, as members have them. */
final class ValueWriter {
  /** A forged type may name the same bytes over and over; a real one does not come near this. */
  private static final long NODES = 1 << 16;

  private static final long NODES_PER_BYTE = 64;

  private final Btf btf;
  private final byte[] value;
  private final boolean json;
  private final StringBuilder out = new StringBuilder();
  private long nodes;

  ValueWriter(Btf btf, byte[] value, boolean json) {
    this.btf = btf;
    this.value = value;
    this.json = json;
    this.nodes = NODES + NODES_PER_BYTE * value.length;
  }

  @Override
  public String toString() {
    return out.toString();
  }

  /** Writes what has this type and begins at {@code bit}. */
  void write(int id, long bit) {
    BtfType type = btf.resolve(id);
    if (nodes-- <= 0) {
      out.append("null");
      return;
    }
    switch (type) {
      case BtfType.Composite t when isAddress(t) -> address(bit, Addresses.IPV6_SIZE);
      case BtfType.Composite t -> composite(t, bit);
      case BtfType.Datasec t -> datasec(t);
      case BtfType.Array t -> array(t, bit);
      case BtfType.Var t -> write(t.type(), bit);
      case BtfType.Int t when t.size() > Long.BYTES -> large(t, bit);
      case BtfType.Int t when NetworkOrder.isNetworkOrder(btf, id) -> network(t, bit);
      case BtfType.Int t -> integer(t, bit + t.bitOffset(), t.bits());
      case BtfType.Enum t -> enumerator(t, bit, t.size() * Byte.SIZE);
      case BtfType.Ptr t -> pointer(bit);
      case BtfType.Float t -> real(t, bit);
      default -> out.append("null");
    }
  }

  /** {@code struct in6_addr} (linux/in6.h). */
  private static boolean isAddress(BtfType.Composite type) {
    return type.name().equals("in6_addr") && type.size() == Addresses.IPV6_SIZE;
  }

  private void address(long bit, int size) {
    int at = (int) (bit / Byte.SIZE);
    if (fits(bit, size * Byte.SIZE)) {
      quoted(Addresses.format(Arrays.copyOfRange(value, at, at + size)));
    } else {
      out.append("null");
    }
  }

  /** A number in network order, for people as the one meant; four bytes are an address to them. */
  private void network(BtfType.Int type, long bit) {
    int bits = type.size() * Byte.SIZE;
    if (!json && type.size() == Addresses.IPV4_SIZE) {
      address(bit, Addresses.IPV4_SIZE);
    } else if (fits(bit, bits)) {
      long number = Long.reverseBytes(bits(bit, bits)) >>> Long.SIZE - bits;
      out.append(Long.toUnsignedString(number));
    } else {
      out.append("null");
    }
  }

  private void composite(BtfType.Composite type, long bit) {
    out.append('{');
    members(type, bit);
    out.append('}');
  }

  private void members(BtfType.Composite type, long bit) {
    for (BtfType.Member member : type.members()) {
      if (nodes <= 0) {
        return;
      }
      if (!member.name().isEmpty()) {
        name(member.name());
        member(member, bit + member.bitOffset());
      } else if (btf.resolve(member.type()) instanceof BtfType.Composite anonymous) {
        nodes--;
        members(anonymous, bit + member.bitOffset());
      }
    }
  }

  /** Writes what a member of a struct holds that begins at {@code bit}, perhaps a bitfield. */
  void member(BtfType.Member member, long bit) {
    if (member.bitfieldSize() == 0) {
      write(member.type(), bit);
      return;
    }
    nodes--;
    switch (btf.resolve(member.type())) {
      case BtfType.Int t -> integer(t, bit, member.bitfieldSize());
      case BtfType.Enum t -> enumerator(t, bit, member.bitfieldSize());
      default -> out.append("null");
    }
  }

  private void datasec(BtfType.Datasec type) {
    out.append('{');
    for (BtfType.Secinfo variable : type.variables()) {
      name(btf.type(variable.type()).name());
      variable(variable);
    }
    out.append('}');
  }

  /**
   * Writes a variable of a section. Clang takes static variables apart and gives each piece the
   * whole one's type: of those, a number, or bytes, is all that is known.
   */
  void variable(BtfType.Secinfo variable) {
    long bit = Integer.toUnsignedLong(variable.offset()) * Byte.SIZE;
    if (!variable.isPiece(btf)) {
      write(variable.type(), bit);
      return;
    }
    nodes--;
    long end = bit / Byte.SIZE + variable.size();
    if (end > value.length) {
      out.append("null");
    } else if (variable.size() <= Long.BYTES && Integer.bitCount(variable.size()) == 1) {
      out.append(Long.toUnsignedString(bits(bit, variable.size() * Byte.SIZE)));
    } else {
      byte[] piece = Arrays.copyOfRange(value, (int) (bit / Byte.SIZE), (int) end);
      out.append(BtfPrinter.bytes(piece, json));
    }
  }

  /** Begins a member: a comma unless it is the first, then its name. */
  private void name(String name) {
    if (out.charAt(out.length() - 1) != '{') {
      out.append(", ");
    }
    string(name);
    out.append(": ");
  }

  private void array(BtfType.Array type, long bit) {
    int size = btf.sizeOf(type.type());
    long left = (long) value.length * Byte.SIZE - bit;
    if (size <= 0 || left < 0) {
      out.append("[]");
      return;
    }
    long count = Math.min(type.count(), left / Byte.SIZE / size);
    if (isChar(btf.resolve(type.type())) && text(bit, count)) {
      return;
    }
    out.append('[');
    for (long i = 0; i < count && nodes > 0; i++) {
      out.append(i == 0 ? "" : ", ");
      write(type.type(), bit + i * size * Byte.SIZE);
    }
    out.append(']');
  }

  private static boolean isChar(BtfType type) {
    return type instanceof BtfType.Int t
        && t.size() == 1
        && (t.character() || t.name().equals("char"));
  }

  /** Writes characters as a string when they are one: printable, then zeros to the end. */
  private boolean text(long bit, long count) {
    int at = (int) (bit / Byte.SIZE);
    int length = 0;
    while (length < count && value[at + length] != 0) {
      if (!isPrintable(value[at + length])) {
        return false;
      }
      length++;
    }
    for (int i = length; i < count; i++) {
      if (value[at + i] != 0) {
        return false;
      }
    }
    StringBuilder text = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      text.append((char) value[at + i]);
    }
    string(text.toString());
    return true;
  }

  private static boolean isPrintable(int character) {
    return character >= ' ' && character < 0x7f;
  }

  private void integer(BtfType.Int type, long bit, int bits) {
    if (!fits(bit, bits)) {
      out.append("null");
      return;
    }
    long number = bits(bit, bits);
    if (type.bool() && number >>> 1 == 0) {
      out.append(number == 1);
    } else if (!json && isChar(type) && isPrintable((int) number) && bits == Byte.SIZE) {
      out.append('\'').append((char) number).append('\'');
    } else if (type.signed()) {
      out.append(signExtend(number, bits));
    } else {
      out.append(Long.toUnsignedString(number));
    }
  }

  private void large(BtfType.Int type, long bit) {
    if (!fits(bit, type.size() * Byte.SIZE)) {
      out.append("null");
      return;
    }
    BigInteger number =
        new BigInteger(Long.toUnsignedString(bits(bit + Long.SIZE, Long.SIZE)))
            .shiftLeft(Long.SIZE)
            .add(new BigInteger(Long.toUnsignedString(bits(bit, Long.SIZE))));
    quoted("0x" + number.toString(16));
  }

  private void enumerator(BtfType.Enum type, long bit, int bits) {
    if (!fits(bit, bits)) {
      out.append("null");
      return;
    }
    long raw = bits(bit, bits);
    long number = type.signed() ? signExtend(raw, bits) : raw;
    List<BtfType.Enumerator> values = type.values();
    for (BtfType.Enumerator candidate : values) {
      if (candidate.value() == number) {
        quoted(candidate.name());
        return;
      }
    }
    out.append(type.signed() ? Long.toString(number) : Long.toUnsignedString(number));
  }

  private void pointer(long bit) {
    if (fits(bit, Long.SIZE)) {
      quoted("0x" + Long.toHexString(bits(bit, Long.SIZE)));
    } else {
      out.append("null");
    }
  }

  private void real(BtfType.Float type, long bit) {
    boolean known = type.size() == Float.BYTES || type.size() == Double.BYTES;
    if (!known || !fits(bit, type.size() * Byte.SIZE)) {
      out.append("null");
      return;
    }
    long raw = bits(bit, type.size() * Byte.SIZE);
    String text =
        type.size() == Float.BYTES
            ? Float.toString(Float.intBitsToFloat((int) raw))
            : Double.toString(Double.longBitsToDouble(raw));
    boolean finite = Character.isDigit(text.charAt(text.length() - 1));
    if (finite) {
      out.append(text);
    } else {
      quoted(text);
    }
  }

  /** What JSON has no form of its own for. */
  private void quoted(String text) {
    if (json) {
      string(text);
    } else {
      out.append(text);
    }
  }

  private void string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || c == 0x7f) {
        out.append("\\u%04x".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  private boolean fits(long bit, int bits) {
    return bit >= 0 && bits <= Long.SIZE * 2 && bit + bits <= (long) value.length * Byte.SIZE;
  }

  /** Up to 64 bits from {@code bit}, the lowest first. */
  private long bits(long bit, int bits) {
    long result = 0;
    int wanted = Math.min(bits, Long.SIZE);
    for (int done = 0; done < wanted; ) {
      int at = (int) ((bit + done) / Byte.SIZE);
      int skip = (int) ((bit + done) % Byte.SIZE);
      result |= (value[at] & 0xffL) >>> skip << done;
      done += Byte.SIZE - skip;
    }
    return wanted == Long.SIZE ? result : result & (1L << wanted) - 1;
  }

  private static long signExtend(long number, int bits) {
    int unused = Math.max(0, Long.SIZE - bits);
    return number << unused >> unused;
  }
}
