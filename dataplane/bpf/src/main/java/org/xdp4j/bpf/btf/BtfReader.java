package org.xdp4j.bpf.btf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Reads a {@code .BTF} section.
 *
 * <pre>
 *  0     2       3     4       8        12       16      20      24
 *  +-----+-------+-----+-------+--------+--------+-------+-------+
 *  |magic|version|flags|hdr_len|type_off|type_len|str_off|str_len|   struct btf_header
 *  +-----+-------+-----+-------+--------+--------+-------+-------+
 *
 *  0        4                                  8          12
 *  +--------+----------------------------------+-----------+
 *  |name_off|kind_flag:1 .. kind:5 .. vlen:16  | size/type |  ...     struct btf_type
 *  +--------+----------------------------------+-----------+
 * </pre>
 */
final class BtfReader {
  static final int VERSION = 1;
  private static final int MAGIC = 0xeb9f;
  private static final int HEADER = 24;
  private static final int TYPE_HEADER = 12;
  private static final int MAX_INT_BITS = 128;

  private final ByteBuffer types;
  private final int typesAt;
  private final StringTable strings;
  private final BtfFlaws flaws;
  private final List<BtfType> result = new ArrayList<>();

  /** Where the type being read begins, and where its next word is. */
  private int start;

  private int at;

  private BtfReader(ByteBuffer types, int typesAt, StringTable strings, BtfFlaws flaws) {
    this.flaws = flaws;
    this.types = types;
    this.typesAt = typesAt;
    this.strings = strings;
  }

  /**
   * Reads the section.
   *
   * @param strict whether all of it has to mean something, not only to be laid out as it should
   */
  static Btf read(ByteBuffer buffer, boolean strict) throws BtfException {
    BtfFlaws flaws = new BtfFlaws(strict);
    ByteBuffer section = buffer.slice().order(ByteOrder.LITTLE_ENDIAN);
    if (section.limit() < HEADER) {
      throw new BtfException(0, "a header of " + HEADER + " bytes does not fit");
    }
    checkMagic(section);
    if (section.get(2) != VERSION) {
      flaws.add(2, unknownVersion(section));
    }
    int length = section.getInt(4);
    if (length < HEADER || length > section.limit()) {
      throw new BtfException(4, "header length " + Integer.toUnsignedString(length) + " is wrong");
    }
    ByteBuffer types = part(section, length, 8, "types");
    ByteBuffer strings = part(section, length, 16, "strings");
    int typesAt = length + section.getInt(8);
    int stringsAt = length + section.getInt(16);
    if (typesAt % 4 != 0) {
      throw new BtfException(8, "types begin at an odd offset");
    }
    if (typesAt < stringsAt + strings.limit() && stringsAt < typesAt + types.limit()) {
      throw new BtfException(16, "types and strings overlap");
    }
    if (strings.limit() > 0 && (strings.get(0) != 0 || strings.get(strings.limit() - 1) != 0)) {
      throw new BtfException(stringsAt, "the strings do not begin and end with NUL");
    }
    BtfReader reader = new BtfReader(types, typesAt, new StringTable(strings), flaws);
    reader.readTypes();
    return new Btf(Collections.unmodifiableList(reader.result), reader.strings, flaws.first());
  }

  static void checkMagic(ByteBuffer section) throws BtfException {
    int magic = section.getShort(0) & 0xffff;
    if (magic == (Short.reverseBytes((short) MAGIC) & 0xffff)) {
      throw new BtfException(0, "it is big-endian");
    }
    if (magic != MAGIC) {
      throw new BtfException(0, "magic number 0x%x is not 0x%x".formatted(magic, MAGIC));
    }
  }

  static String unknownVersion(ByteBuffer section) {
    return "version " + (section.get(2) & 0xff) + " is unknown";
  }

  private static ByteBuffer part(ByteBuffer section, int header, int field, String what)
      throws BtfException {
    long offset = Integer.toUnsignedLong(section.getInt(field));
    long length = Integer.toUnsignedLong(section.getInt(field + 4));
    if (header + offset + length > section.limit()) {
      throw new BtfException(
          field, "%s at %d, %d bytes long, end behind the section".formatted(what, offset, length));
    }
    return section.slice((int) (header + offset), (int) length).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void readTypes() throws BtfException {
    List<Integer> starts = new ArrayList<>();
    result.add(BtfType.VOID);
    starts.add(0);
    while (at < types.limit()) {
      start = at;
      starts.add(typesAt + start);
      result.add(readType());
    }
    new BtfCheck(result, starts, flaws).check();
  }

  private BtfType readType() throws BtfException {
    need(TYPE_HEADER);
    String name = string(word());
    int info = word();
    int sizeOrType = word();
    boolean flag = info < 0;
    int count = info & 0xffff;
    int kind = info >>> 24 & 0x1f;
    return switch (kind) {
      case 1 -> integer(name, sizeOrType);
      case 2 -> new BtfType.Ptr(sizeOrType);
      case 3 -> array();
      case 4 -> new BtfType.Struct(name, size(sizeOrType), members(count, flag));
      case 5 -> new BtfType.Union(name, size(sizeOrType), members(count, flag));
      case 6 -> new BtfType.Enum(name, enumSize(sizeOrType), flag, false, enum32(count, flag));
      case 7 -> new BtfType.Fwd(name, flag);
      case 8 -> new BtfType.Typedef(name, sizeOrType);
      case 9 -> new BtfType.Volatile(sizeOrType);
      case 10 -> new BtfType.Const(sizeOrType);
      case 11 -> new BtfType.Restrict(sizeOrType);
      case 12 -> new BtfType.Func(name, sizeOrType, linkage(count));
      case 13 -> prototype(sizeOrType, count);
      case 14 -> variable(name, sizeOrType);
      case 15 -> new BtfType.Datasec(name, size(sizeOrType), variables(count));
      case 16 -> new BtfType.Float(name, size(sizeOrType));
      case 17 -> declTag(name, sizeOrType);
      case 18 -> new BtfType.TypeTag(name, sizeOrType);
      case 19 -> new BtfType.Enum(name, enumSize(sizeOrType), flag, true, enum64(count));
      default -> throw wrong("is of unknown kind " + kind);
    };
  }

  private BtfType integer(String name, int size) throws BtfException {
    need(4);
    int data = word();
    int encoding = data >>> 24 & 0xf;
    int bitOffset = data >>> 16 & 0xff;
    int bits = data & 0xff;
    if (size < 1 || size > 16 || bits > MAX_INT_BITS || bitOffset + bits > size * 8) {
      flaw("is an integer of %d bits in %d bytes".formatted(bits, size & 0xffffffffL));
      return BtfCheck.nothing(name);
    }
    return new BtfType.Int(
        name, size, (encoding & 1) != 0, (encoding & 2) != 0, (encoding & 4) != 0, bitOffset, bits);
  }

  private BtfType array() throws BtfException {
    need(12);
    int type = word();
    int index = word();
    return new BtfType.Array(type, index, Integer.toUnsignedLong(word()));
  }

  private List<BtfType.Member> members(int count, boolean bitfields) throws BtfException {
    need(12L * count);
    BtfType.Member[] members = new BtfType.Member[count];
    for (int i = 0; i < count; i++) {
      String name = string(word());
      int type = word();
      int offset = word();
      members[i] =
          bitfields
              ? new BtfType.Member(name, type, offset & 0xffffff, offset >>> 24)
              : new BtfType.Member(name, type, Integer.toUnsignedLong(offset), 0);
    }
    return List.of(members);
  }

  private List<BtfType.Enumerator> enum32(int count, boolean signed) throws BtfException {
    need(8L * count);
    BtfType.Enumerator[] values = new BtfType.Enumerator[count];
    for (int i = 0; i < count; i++) {
      String name = string(word());
      int value = word();
      values[i] = new BtfType.Enumerator(name, signed ? value : Integer.toUnsignedLong(value));
    }
    return List.of(values);
  }

  private List<BtfType.Enumerator> enum64(int count) throws BtfException {
    need(12L * count);
    BtfType.Enumerator[] values = new BtfType.Enumerator[count];
    for (int i = 0; i < count; i++) {
      String name = string(word());
      long low = Integer.toUnsignedLong(word());
      values[i] = new BtfType.Enumerator(name, low | (long) word() << 32);
    }
    return List.of(values);
  }

  private BtfType prototype(int returnType, int count) throws BtfException {
    need(8L * count);
    List<BtfType.Param> params = new ArrayList<>(count);
    boolean variadic = false;
    for (int i = 0; i < count; i++) {
      String name = string(word());
      int type = word();
      variadic = i == count - 1 && type == 0 && name.isEmpty();
      if (!variadic) {
        params.add(new BtfType.Param(name, type));
      }
    }
    return new BtfType.FuncProto(returnType, Collections.unmodifiableList(params), variadic);
  }

  private BtfType variable(String name, int type) throws BtfException {
    need(4);
    return new BtfType.Var(name, type, linkage(word()));
  }

  private List<BtfType.Secinfo> variables(int count) throws BtfException {
    need(12L * count);
    BtfType.Secinfo[] variables = new BtfType.Secinfo[count];
    for (int i = 0; i < count; i++) {
      int type = word();
      int offset = word();
      variables[i] = new BtfType.Secinfo(type, offset, word());
    }
    return List.of(variables);
  }

  private BtfType declTag(String name, int type) throws BtfException {
    need(4);
    return new BtfType.DeclTag(name, type, word());
  }

  private BtfType.Linkage linkage(int number) throws BtfException {
    return switch (number) {
      case 0 -> BtfType.Linkage.STATIC;
      case 1 -> BtfType.Linkage.GLOBAL;
      case 2 -> BtfType.Linkage.EXTERN;
      default -> {
        flaw("has unknown linkage " + Integer.toUnsignedString(number));
        yield BtfType.Linkage.STATIC;
      }
    };
  }

  private int size(int size) throws BtfException {
    if (size < 0 || size > Integer.MAX_VALUE - Long.BYTES) {
      flaw("is larger than 2 GiB");
      return 0;
    }
    return size;
  }

  private int enumSize(int size) throws BtfException {
    if (size != 1 && size != 2 && size != 4 && size != 8) {
      flaw("is an enum of %d bytes".formatted(size & 0xffffffffL));
      return Integer.BYTES;
    }
    return size;
  }

  private String string(int offset) throws BtfException {
    String string = offset == 0 ? "" : strings.at(offset);
    if (string == null) {
      flaw("has a name outside of the strings");
      return "";
    }
    return string;
  }

  private int word() {
    int word = types.getInt(at);
    at += 4;
    return word;
  }

  private void need(long bytes) throws BtfException {
    if (bytes > types.limit() - at) {
      throw wrong("ends behind the types");
    }
  }

  private void flaw(String what) throws BtfException {
    flaws.add((long) typesAt + start, "type " + result.size() + " " + what);
  }

  private BtfException wrong(String what) {
    return new BtfException((long) typesAt + start, "type " + result.size() + " " + what);
  }
}
