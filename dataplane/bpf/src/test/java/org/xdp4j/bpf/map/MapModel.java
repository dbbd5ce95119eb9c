package org.xdp4j.bpf.map;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a map should do, as plainly as it can be written: a sorted map of whole values and the
 * kernel's rules of when it refuses. LRU types are only modelled as long as nothing has to leave.
 */
final class MapModel {
  private final MapSpec spec;
  private final int cpus;
  private final Map<ByteBuffer, byte[]> entries = new TreeMap<>();

  MapModel(MapSpec spec, int cpus) {
    this.spec = spec;
    this.cpus = spec.type().isPerCpu() ? cpus : 1;
    if (isArray()) {
      for (int i = 0; i < spec.maxEntries(); i++) {
        entries.put(ByteBuffer.wrap(BpfMap.indexKey(i)), new byte[spec.valueSize() * this.cpus]);
      }
    }
  }

  private boolean isArray() {
    return spec.type() == MapType.ARRAY || spec.type() == MapType.PERCPU_ARRAY;
  }

  private boolean isDevice() {
    return spec.type() == MapType.DEVMAP || spec.type() == MapType.DEVMAP_HASH;
  }

  byte[] get(byte[] key) {
    if (spec.type() == MapType.LPM_TRIE) {
      return longestMatch(key);
    }
    return entries.get(ByteBuffer.wrap(key));
  }

  int put(byte[] key, byte[] value, long flags) {
    if (flags < 0 || flags > BpfMap.EXIST) {
      return Errno.EINVAL;
    }
    return switch (spec.type()) {
      case ARRAY, PERCPU_ARRAY -> putArray(key, value, flags);
      case DEVMAP -> putDevice(key, value, flags);
      case DEVMAP_HASH -> value[0] == 0 ? Errno.EINVAL : putHash(key, value, flags, Errno.E2BIG);
      case LPM_TRIE ->
          length(key) > 8 * (key.length - 4)
              ? Errno.EINVAL
              : putHash(canonical(key), value, flags, Errno.ENOSPC);
      default -> putHash(key, value, flags, Errno.E2BIG);
    };
  }

  private int putArray(byte[] key, byte[] value, long flags) {
    if (!entries.containsKey(ByteBuffer.wrap(key))) {
      return Errno.E2BIG;
    }
    if (flags == BpfMap.NOEXIST) {
      return Errno.EEXIST;
    }
    entries.put(ByteBuffer.wrap(key), value);
    return 0;
  }

  private int putDevice(byte[] key, byte[] value, long flags) {
    if (Integer.compareUnsigned(length(key), spec.maxEntries()) >= 0) {
      return Errno.E2BIG;
    }
    if (flags == BpfMap.NOEXIST) {
      return Errno.EEXIST;
    }
    if (value[0] == 0) {
      entries.remove(ByteBuffer.wrap(key));
    } else {
      entries.put(ByteBuffer.wrap(key), value);
    }
    return 0;
  }

  private int putHash(byte[] key, byte[] value, long flags, int full) {
    boolean there = entries.containsKey(ByteBuffer.wrap(key));
    if (there && flags == BpfMap.NOEXIST) {
      return Errno.EEXIST;
    }
    if (!there && flags == BpfMap.EXIST && !isDevice()) {
      return Errno.ENOENT;
    }
    if (!there && entries.size() == spec.maxEntries()) {
      return full;
    }
    entries.put(ByteBuffer.wrap(key), value);
    return 0;
  }

  int remove(byte[] key) {
    if (isArray()) {
      return Errno.EINVAL;
    }
    if (spec.type() == MapType.DEVMAP) {
      entries.remove(ByteBuffer.wrap(key));
      return Integer.compareUnsigned(length(key), spec.maxEntries()) < 0 ? 0 : Errno.EINVAL;
    }
    if (spec.type() == MapType.LPM_TRIE && length(key) > 8 * (key.length - 4)) {
      return Errno.EINVAL;
    }
    byte[] plain = spec.type() == MapType.LPM_TRIE ? canonical(key) : key;
    return entries.remove(ByteBuffer.wrap(plain)) == null ? Errno.ENOENT : 0;
  }

  List<byte[]> keys() {
    return entries.keySet().stream().map(ByteBuffer::array).toList();
  }

  private static int length(byte[] key) {
    return ByteBuffer.wrap(key).order(java.nio.ByteOrder.LITTLE_ENDIAN).getInt();
  }

  /** With the bits behind the prefix zero. */
  static byte[] canonical(byte[] key) {
    byte[] plain = key.clone();
    for (int bit = length(key); bit < 8 * (key.length - 4); bit++) {
      plain[4 + bit / 8] &= (byte) ~(0x80 >>> bit % 8);
    }
    return plain;
  }

  private byte[] longestMatch(byte[] key) {
    byte[] shorter = key.clone();
    if (length(key) > 8 * (key.length - 4) || length(key) < 0) {
      return null;
    }
    for (int bits = length(key); bits >= 0; bits--) {
      System.arraycopy(BpfMap.indexKey(bits), 0, shorter, 0, 4);
      byte[] found = entries.get(ByteBuffer.wrap(canonical(shorter)));
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /** What a program's own CPU sees: value {@code cpu} of those in {@link #get}. */
  byte[] valueOf(byte[] all, int cpu) {
    int from = cpus == 1 ? 0 : cpu * spec.valueSize();
    return all == null ? null : Arrays.copyOfRange(all, from, from + spec.valueSize());
  }

  boolean perCpu() {
    return spec.type().isPerCpu();
  }
}
