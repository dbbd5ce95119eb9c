package org.xdp4j.bpf.btf;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * NUL-terminated strings in a row, as ELF and BTF keep them. Each string is made once, and all of
 * them together may be no longer than a few times the table: names that overlap in a forged table
 * would else need memory quadratic in its size.
 */
public final class StringTable {
  private static final int FREE = 64 * 1024;
  private static final int TIMES = 4;

  private final ByteBuffer bytes;
  private final Map<Integer, String> made = new HashMap<>();
  private long left;

  /** The strings in {@code bytes}, from its index 0 to its limit. */
  public StringTable(ByteBuffer bytes) {
    this.bytes = bytes;
    this.left = FREE + (long) TIMES * bytes.limit();
  }

  /** Bytes of the table. */
  public int size() {
    return bytes.limit();
  }

  /**
   * The string at {@code offset}, an unsigned 32-bit number; null when none begins and ends there,
   * or when the strings asked for are longer than the table could hold.
   */
  public String at(int offset) {
    if (offset < 0 || offset >= bytes.limit()) {
      return null;
    }
    String known = made.get(offset);
    return known != null ? known : make(offset);
  }

  private String make(int offset) {
    int end = offset;
    while (end < bytes.limit() && bytes.get(end) != 0) {
      end++;
    }
    left -= end - offset;
    if (end == bytes.limit() || left < 0) {
      return null;
    }
    byte[] copy = new byte[end - offset];
    bytes.get(offset, copy);
    String string = new String(copy, StandardCharsets.UTF_8);
    made.put(offset, string);
    return string;
  }
}
