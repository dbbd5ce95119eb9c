package org.xdp4j.bpf.btf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes {@code .BTF} and {@code .BTF.ext} sections, type by type. */
public final class BtfBuilder {
  private final ByteArrayOutputStream types = new ByteArrayOutputStream();
  private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
  private final List<byte[]> functions = new ArrayList<>();
  private final List<byte[]> lines = new ArrayList<>();
  private final List<byte[]> relocations = new ArrayList<>();
  private int count;

  public BtfBuilder() {
    strings.write(0);
  }

  /** Adds a type as {@code struct btf_type} and the words behind it; returns its id. */
  public int type(String name, int kind, boolean flag, int count, int sizeOrType, int... words) {
    types.writeBytes(ints(string(name), (flag ? 1 << 31 : 0) | kind << 24 | count, sizeOrType));
    types.writeBytes(ints(words));
    return ++this.count;
  }

  public int integer(String name, int bytes, boolean signed) {
    return type(name, 1, false, 0, bytes, (signed ? 1 << 24 : 0) | bytes * 8);
  }

  public int bool() {
    return type("bool", 1, false, 0, 1, 4 << 24 | 8);
  }

  public int pointer(int to) {
    return type("", 2, false, 0, to);
  }

  public int array(int element, int count) {
    return type("", 3, false, 0, 0, element, element, count);
  }

  /** Members are name, type, bit offset. */
  public int struct(String name, int size, Object... members) {
    return type(name, 4, false, members.length / 3, size, members(members));
  }

  /** Members are name, type, bit offset. */
  public int union(String name, int size, Object... members) {
    return type(name, 5, false, members.length / 3, size, members(members));
  }

  /** Members are name, type, bit offset and, in the upper 8 bits, bits. */
  public int bitfields(String name, int size, Object... members) {
    return type(name, 4, true, members.length / 3, size, members(members));
  }

  /** Values are name, number. */
  public int enumeration(String name, boolean signed, Object... values) {
    int[] words = new int[values.length];
    for (int i = 0; i < values.length; i += 2) {
      words[i] = string((String) values[i]);
      words[i + 1] = (int) values[i + 1];
    }
    return type(name, 6, signed, values.length / 2, 4, words);
  }

  /** Values are name, number. */
  public int enum64(String name, boolean signed, Object... values) {
    int[] words = new int[values.length / 2 * 3];
    for (int i = 0; i < values.length / 2; i++) {
      long value = (long) values[2 * i + 1];
      words[3 * i] = string((String) values[2 * i]);
      words[3 * i + 1] = (int) value;
      words[3 * i + 2] = (int) (value >> 32);
    }
    return type(name, 19, signed, values.length / 2, 8, words);
  }

  public int typedef(String name, int to) {
    return type(name, 8, false, 0, to);
  }

  /** Parameters are name, type. */
  public int prototype(int returns, Object... params) {
    int[] words = new int[params.length];
    for (int i = 0; i < params.length; i += 2) {
      words[i] = string((String) params[i]);
      words[i + 1] = (int) params[i + 1];
    }
    return type("", 13, false, params.length / 2, returns, words);
  }

  /** Linkage 0 static, 1 global, 2 extern. */
  public int function(String name, int prototype, int linkage) {
    return type(name, 12, false, linkage, prototype);
  }

  /** Linkage 0 static, 1 global, 2 extern. */
  public int variable(String name, int type, int linkage) {
    return type(name, 14, false, 0, type, linkage);
  }

  /** Variables are type, offset, size. */
  public int datasec(String name, int size, int... variables) {
    return type(name, 15, false, variables.length / 3, size, variables);
  }

  private int[] members(Object... members) {
    int[] words = new int[members.length];
    for (int i = 0; i < members.length; i += 3) {
      words[i] = string((String) members[i]);
      words[i + 1] = (int) members[i + 1];
      words[i + 2] = (int) members[i + 2];
    }
    return words;
  }

  /** Adds a string and returns its offset. */
  public int string(String string) {
    if (string.isEmpty()) {
      return 0;
    }
    int at = strings.size();
    strings.writeBytes((string + "\0").getBytes(StandardCharsets.UTF_8));
    return at;
  }

  public BtfBuilder functionAt(String section, int offset, int type) {
    functions.add(ints(string(section), 1, offset, type));
    return this;
  }

  public BtfBuilder lineAt(
      String section, int offset, String file, String text, int line, int column) {
    lines.add(ints(string(section), 1, offset, string(file), string(text), line << 10 | column));
    return this;
  }

  public BtfBuilder relocationAt(String section, int offset, int type, String access, int kind) {
    relocations.add(ints(string(section), 1, offset, type, string(access), kind));
    return this;
  }

  /** The {@code .BTF} section. */
  public byte[] btf() {
    byte[] typeBytes = types.toByteArray();
    byte[] stringBytes = strings.toByteArray();
    return join(
        ints(0x0001_eb9f, 24, 0, typeBytes.length, typeBytes.length, stringBytes.length),
        typeBytes,
        stringBytes);
  }

  /** The {@code .BTF.ext} section. */
  public byte[] ext() {
    byte[] f = part(8, functions);
    byte[] l = part(16, lines);
    byte[] r = part(16, relocations);
    return join(
        ints(0x0001_eb9f, 32, 0, f.length, f.length, l.length, f.length + l.length, r.length),
        f,
        l,
        r);
  }

  /** The types, read back. */
  public Btf parse() throws BtfException {
    return Btf.parse(ByteBuffer.wrap(btf()));
  }

  private static byte[] part(int recordSize, List<byte[]> records) {
    if (records.isEmpty()) {
      return new byte[0];
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(ints(recordSize));
    records.forEach(all::writeBytes);
    return all.toByteArray();
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static byte[] ints(int... words) {
    ByteBuffer buffer = ByteBuffer.allocate(words.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int word : words) {
      buffer.putInt(word);
    }
    return buffer.array();
  }
}
