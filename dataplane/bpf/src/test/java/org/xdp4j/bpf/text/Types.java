package org.xdp4j.bpf.text;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfException;

/** Writes small BTF sections for tests (Documentation/bpf/btf.rst). */
final class Types {
  private static final int INT = 1;
  private static final int ARRAY = 3;
  private static final int STRUCT = 4;
  private static final int UNION = 5;
  private static final int ENUM = 6;
  private static final int TYPEDEF = 8;
  private static final int SIGNED = 1;
  private static final int CHAR = 2;

  private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
  private final List<int[]> types = new ArrayList<>();

  Types() {
    strings.write(0);
  }

  /** A field: its name, its type's id, its place and, for bitfields, its width. */
  record Field(String name, int type, int bitOffset, int bits) {}

  int unsigned(String name, int size) {
    return add(name, INT, 0, false, size, size * 8);
  }

  int signed(String name, int size) {
    return add(name, INT, 0, false, size, SIGNED << 24 | size * 8);
  }

  int character() {
    return add("char", INT, 0, false, 1, CHAR << 24 | 8);
  }

  int typedef(String name, int type) {
    return add(name, TYPEDEF, 0, false, type);
  }

  int array(int type, int index, int count) {
    return add("", ARRAY, 0, false, 0, type, index, count);
  }

  int enumeration(String name, String first, int value) {
    return add(name, ENUM, 1, false, 4, string(first), value);
  }

  int struct(String name, int size, Field... fields) {
    return composite(STRUCT, name, size, fields);
  }

  int union(String name, int size, Field... fields) {
    return composite(UNION, name, size, fields);
  }

  private int composite(int kind, String name, int size, Field... fields) {
    boolean bitfields = List.of(fields).stream().anyMatch(f -> f.bits() > 0);
    int[] rest = new int[1 + 3 * fields.length];
    rest[0] = size;
    for (int i = 0; i < fields.length; i++) {
      rest[1 + 3 * i] = string(fields[i].name());
      rest[2 + 3 * i] = fields[i].type();
      rest[3 + 3 * i] = fields[i].bits() << 24 | fields[i].bitOffset();
    }
    return add(name, kind, fields.length, bitfields, rest);
  }

  private int add(String name, int kind, int count, boolean flag, int... rest) {
    int[] words = new int[2 + rest.length];
    words[0] = string(name);
    words[1] = (flag ? 1 << 31 : 0) | kind << 24 | count;
    System.arraycopy(rest, 0, words, 2, rest.length);
    types.add(words);
    return types.size();
  }

  private int string(String text) {
    if (text.isEmpty()) {
      return 0;
    }
    int at = strings.size();
    strings.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    strings.write(0);
    return at;
  }

  Btf build() throws BtfException {
    int header = 24;
    int size = types.stream().mapToInt(words -> words.length * 4).sum();
    ByteBuffer section =
        ByteBuffer.allocate(header + size + strings.size()).order(ByteOrder.LITTLE_ENDIAN);
    section.putShort((short) 0xeb9f).put((byte) 1).put((byte) 0).putInt(header);
    section.putInt(0).putInt(size).putInt(size).putInt(strings.size());
    types.forEach(
        words -> {
          for (int word : words) {
            section.putInt(word);
          }
        });
    section.put(strings.toByteArray()).flip();
    return Btf.parse(section);
  }
}
