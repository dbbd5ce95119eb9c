package org.xdp4j.bpf.counterexample;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a run depends on. Immutable but for those who made it. */
final class Input {
  /** The longest frame, as {@code BPF_PROG_TEST_RUN} takes it: a page without its reserves. */
  static final int MOST_BYTES = 4096 - 256 - 320;

  private static final int MOST_ENTRIES = 16;

  /** A key in the map of this index. */
  record Place(int map, ByteBuffer key) {}

  /** The frame's bytes; those behind {@link #length} count once it grows. */
  final byte[] bytes;

  final Map<Place, byte[]> entries;
  int length;
  int ingressIfindex;
  int rxQueueIndex;

  Input(int length) {
    this.bytes = new byte[MOST_BYTES];
    this.entries = new LinkedHashMap<>();
    this.length = length;
    this.ingressIfindex = 1;
  }

  private Input(Input from) {
    bytes = from.bytes.clone();
    entries = new LinkedHashMap<>(from.entries);
    length = from.length;
    ingressIfindex = from.ingressIfindex;
    rxQueueIndex = from.rxQueueIndex;
  }

  Input copy() {
    return new Input(this);
  }

  /** A copy of another length, as far as there are such frames. */
  Input withLength(long newLength) {
    Input copy = copy();
    copy.length = (int) Math.max(0, Math.min(newLength, MOST_BYTES));
    return copy;
  }

  /** Sets {@code size} bytes from {@code offset} up, little-endian; false when there are none. */
  boolean setBytes(int offset, int size, long value) {
    if (offset < 0 || offset + size > MOST_BYTES) {
      return false;
    }
    put(bytes, offset, size, value);
    return true;
  }

  /** Sets bytes of an entry's value; false when there is no such entry. */
  boolean setValue(Place place, int offset, int size, long value) {
    byte[] before = entries.get(place);
    if (before == null || offset < 0 || offset + size > before.length) {
      return false;
    }
    byte[] changed = before.clone();
    put(changed, offset, size, value);
    entries.put(place, changed);
    return true;
  }

  /** Adds an entry of zeroes, or removes one; false when nothing can change. */
  boolean setPresent(Place place, boolean present, int valueSize) {
    if (!present) {
      return entries.remove(place) != null;
    }
    return entries.size() < MOST_ENTRIES && entries.putIfAbsent(place, new byte[valueSize]) == null;
  }

  private static void put(byte[] to, int offset, int size, long value) {
    for (int i = 0; i < size; i++) {
      to[offset + i] = (byte) (value >>> i * 8);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Input i
        && length == i.length
        && ingressIfindex == i.ingressIfindex
        && rxQueueIndex == i.rxQueueIndex
        && Arrays.equals(bytes, i.bytes)
        && hash(entries) == hash(i.entries);
  }

  private static int hash(Map<Place, byte[]> entries) {
    int hash = 0;
    for (Map.Entry<Place, byte[]> e : entries.entrySet()) {
      hash += e.getKey().hashCode() * 31 + Arrays.hashCode(e.getValue());
    }
    return hash;
  }

  @Override
  public int hashCode() {
    return ((Arrays.hashCode(bytes) * 31 + length) * 31 + ingressIfindex) * 31
        + rxQueueIndex
        + hash(entries);
  }
}
