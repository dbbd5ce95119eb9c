package org.xdp4j.bpf.text;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.xdp4j.bpf.btf.Addresses;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;
import org.xdp4j.bpf.btf.NetworkOrder;

/**
 * Reads one key or value by its type into the bytes that a program sees. What the text does not
 * name stays as it is.
 */
final class ValueParser {
  private final Btf btf;
  private final byte[] into;
  private final Scanner scanner;

  private ValueParser(Btf btf, byte[] into, String text) {
    this.btf = btf;
    this.into = into;
    this.scanner = new Scanner(text);
  }

  /**
   * Reads {@code text} into {@code into}, which is as long as a value of the type.
   *
   * @param type a BTF id, 0 when the type is unknown
   */
  static void parse(Btf btf, int type, String text, byte[] into) throws TextException {
    ValueParser parser = new ValueParser(btf, into, text);
    boolean known = type != 0 && btf.contains(type) && btf.sizeOf(type) == into.length;
    if (known) {
      parser.value(type, 0);
    } else {
      parser.untyped(0, into.length);
    }
    parser.scanner.expectEnd();
  }

  private void value(int type, int at) throws TextException {
    int size = btf.sizeOf(type);
    int start = scanner.position();
    char next = scanner.peek();
    if (next != '{' && next != '[' && next != '"' && next != '\'' && whole(at, size)) {
      return;
    }
    scanner.reset(start);
    switch (btf.resolve(type)) {
      case BtfType.Composite t -> composite(t, at);
      case BtfType.Datasec t -> datasec(t);
      case BtfType.Array t -> array(t, at);
      case BtfType.Var t -> value(t.type(), at);
      case BtfType.Float t -> real(t, at);
      default -> scalar(type, at * (long) Byte.SIZE, size * Byte.SIZE, false);
    }
  }

  /** What stands for all bytes of whatever type: an address, or hex(). */
  private boolean whole(int at, int size) throws TextException {
    String word = scanner.word();
    if (word.equals("hex")) {
      bytes(at, size);
      return true;
    }
    byte[] address = Addresses.parse(word, size);
    if (address == null) {
      return false;
    }
    System.arraycopy(address, 0, into, at, size);
    return true;
  }

  private void bytes(int at, int size) throws TextException {
    String digits = scanner.inParentheses().replaceAll("[\\s:]", "");
    byte[] bytes;
    try {
      bytes = HexFormat.of().parseHex(digits);
    } catch (IllegalArgumentException e) {
      throw new TextException("hex(" + digits + ") is not a whole number of hexadecimal bytes");
    }
    if (bytes.length != size) {
      throw new TextException(
          "hex(" + digits + ") is " + bytes.length + " bytes where " + size + " are needed");
    }
    System.arraycopy(bytes, 0, into, at, size);
  }

  private void composite(BtfType.Composite type, int at) throws TextException {
    long bit = at * (long) Byte.SIZE;
    if (!scanner.take('{')) {
      if (type.members().isEmpty()) {
        throw new TextException("a value with no fields is written {}");
      }
      member(type.members().getFirst(), bit);
      return;
    }
    int next = 0;
    while (!scanner.take('}')) {
      int start = scanner.position();
      String name = scanner.fieldName();
      int index = name == null ? -1 : indexOf(type, name);
      if (index >= 0) {
        member(type.members().get(index), bit);
        next = index + 1;
      } else if (name == null || !inAnonymous(type, name, bit)) {
        // Not a field: perhaps an address that begins with letters.
        scanner.reset(start);
        next = positional(type, next, bit, name);
      }
      if (!scanner.take(',') && scanner.peek() != '}') {
        scanner.expect('}');
      }
    }
  }

  private int positional(BtfType.Composite type, int index, long bit, String name)
      throws TextException {
    if (name != null) {
      int start = scanner.position();
      boolean address = Addresses.parse(scanner.word(), Addresses.IPV6_SIZE) != null;
      scanner.reset(start);
      if (!address) {
        throw new TextException("there is no field '" + name + "' in " + describe(type));
      }
    }
    if (index >= type.members().size()) {
      throw new TextException(describe(type) + " has no more fields " + scanner.where());
    }
    member(type.members().get(index), bit);
    return index + 1;
  }

  /** Fields of an anonymous struct or union are named as if they were the outer one's own. */
  private boolean inAnonymous(BtfType.Composite type, String name, long bit) throws TextException {
    for (BtfType.Member member : type.members()) {
      if (member.name().isEmpty()
          && btf.resolve(member.type()) instanceof BtfType.Composite inner) {
        int index = indexOf(inner, name);
        if (index >= 0) {
          member(inner.members().get(index), bit + member.bitOffset());
          return true;
        }
        if (inAnonymous(inner, name, bit + member.bitOffset())) {
          return true;
        }
      }
    }
    return false;
  }

  private void member(BtfType.Member member, long bit) throws TextException {
    long place = bit + member.bitOffset();
    try {
      if (member.bitfieldSize() > 0) {
        scalar(member.type(), place, member.bitfieldSize(), true);
      } else {
        value(member.type(), (int) (place / Byte.SIZE));
      }
    } catch (TextException e) {
      throw member.name().isEmpty() ? e : e.in(member.name());
    }
  }

  private void datasec(BtfType.Datasec type) throws TextException {
    scanner.expect('{');
    while (!scanner.take('}')) {
      String name = scanner.fieldName();
      BtfType.Secinfo variable = name == null ? null : variable(type, name);
      if (variable == null) {
        throw new TextException(
            name == null
                ? "expected the name of a variable " + scanner.where()
                : "there is no variable '" + name + "' in " + type.name());
      }
      try {
        if (variable.isPiece(btf)) {
          untyped(variable.offset(), variable.size());
        } else {
          value(variable.type(), variable.offset());
        }
      } catch (TextException e) {
        throw e.in(name);
      }
      if (!scanner.take(',') && scanner.peek() != '}') {
        scanner.expect('}');
      }
    }
  }

  private BtfType.Secinfo variable(BtfType.Datasec type, String name) {
    return type.variables().stream()
        .filter(v -> btf.type(v.type()).name().equals(name))
        .findFirst()
        .orElse(null);
  }

  private void array(BtfType.Array type, int at) throws TextException {
    int size = btf.sizeOf(type.type());
    if (scanner.peek() == '"') {
      string(at, Math.toIntExact(size * type.count()));
      return;
    }
    if (!scanner.take('[')) {
      throw new TextException(
          "expected an array of " + type.count() + " in brackets, like [1, 2], " + scanner.where());
    }
    // As in C: elements that are left out are zero.
    Arrays.fill(into, at, Math.toIntExact(at + size * type.count()), (byte) 0);
    for (long i = 0; !scanner.take(']'); i++) {
      if (i == type.count()) {
        throw new TextException("the array has no more than " + type.count() + " elements");
      }
      value(type.type(), Math.toIntExact(at + i * size));
      if (!scanner.take(',') && scanner.peek() != ']') {
        scanner.expect(']');
      }
    }
  }

  private void string(int at, int size) throws TextException {
    String text = scanner.quoted();
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > size) {
      throw new TextException("\"" + text + "\" is longer than the array's " + size + " bytes");
    }
    Arrays.fill(into, at, at + size, (byte) 0);
    System.arraycopy(bytes, 0, into, at, bytes.length);
  }

  private void real(BtfType.Float type, int at) throws TextException {
    String word = scanner.word();
    try {
      double number = Double.parseDouble(word);
      long bits =
          type.size() == Float.BYTES
              ? Float.floatToRawIntBits((float) number)
              : Double.doubleToRawLongBits(number);
      Numbers.store(into, at * (long) Byte.SIZE, type.size() * Byte.SIZE, BigInteger.valueOf(bits));
    } catch (NumberFormatException e) {
      throw new TextException("'" + word + "' is not a number");
    }
  }

  private void scalar(int type, long bit, int bits, boolean bitfield) throws TextException {
    boolean signed =
        switch (btf.resolve(type)) {
          case BtfType.Int t -> t.signed();
          case BtfType.Enum t -> t.signed();
          default -> false;
        };
    boolean network = !bitfield && NetworkOrder.isNetworkOrder(btf, type);
    number(bit, bits, signed, network);
  }

  /** A value of unknown type: a number of its size, an address, or bytes. */
  private void untyped(int at, int size) throws TextException {
    int start = scanner.position();
    if (whole(at, size)) {
      return;
    }
    scanner.reset(start);
    if (scanner.peek() == '"') {
      string(at, size);
    } else if (size <= Long.BYTES && size > 0) {
      number(at * (long) Byte.SIZE, size * Byte.SIZE, false, false);
    } else {
      throw new TextException("its type is not known; write its " + size + " bytes as hex(...)");
    }
  }

  private void number(long bit, int bits, boolean signed, boolean network) throws TextException {
    BigInteger number = NumberReader.read(scanner, btf, bits, signed);
    Numbers.store(into, bit, bits, network ? Numbers.swap(number, bits / Byte.SIZE) : number);
  }

  private static String describe(BtfType.Composite type) {
    String kind = type instanceof BtfType.Union ? "union" : "struct";
    return type.name().isEmpty() ? "this " + kind : kind + " " + type.name();
  }

  private static int indexOf(BtfType.Composite type, String name) {
    for (int i = 0; i < type.members().size(); i++) {
      if (type.members().get(i).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }
}
