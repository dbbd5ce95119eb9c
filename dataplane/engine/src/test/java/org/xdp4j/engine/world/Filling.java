package org.xdp4j.engine.world;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;

/**
 * What user space would have put into an object's maps, guessed: keys from the frames that will
 * come, and values that are small numbers or any bytes. The same for both sides, and in each run.
 */
enum Filling {
  /** Nothing. */
  EMPTY,
  /** Values of ones: a flag that is set, the first entry of another map. */
  ONES,
  /** Values of any bytes. */
  ANY;

  private static final int MOST_INDEXES = 64;

  /** An entry. */
  record Entry(byte[] key, byte[] value) {}

  /**
   * Entries for a map.
   *
   * @param cpus values a key of a per-CPU map has
   */
  List<Entry> entries(MapSpec spec, int cpus) {
    if (this == EMPTY || spec.data() != null || spec.name().startsWith(".") || !fills(spec)) {
      return List.of();
    }
    Random random = new Random(spec.name().hashCode());
    List<Entry> entries = new ArrayList<>();
    for (byte[] key : keys(spec)) {
      entries.add(new Entry(key, value(spec, cpus, random)));
    }
    return entries;
  }

  private static boolean fills(MapSpec spec) {
    return switch (spec.type()) {
      case HASH,
          ARRAY,
          PERCPU_HASH,
          PERCPU_ARRAY,
          LRU_HASH,
          LRU_PERCPU_HASH,
          LPM_TRIE,
          DEVMAP,
          DEVMAP_HASH,
          QUEUE,
          STACK ->
          spec.fields().isEmpty();
      case null, default -> false;
    };
  }

  private byte[] value(MapSpec spec, int cpus, Random random) {
    byte[] value = new byte[spec.valueSize() * (spec.type().isPerCpu() ? cpus : 1)];
    if (spec.type() == MapType.DEVMAP || spec.type() == MapType.DEVMAP_HASH) {
      value[0] = 1;
    } else if (this == ANY) {
      random.nextBytes(value);
    } else {
      for (int i = 0; i < value.length; i += 4) {
        value[i] = 1;
      }
    }
    return value;
  }

  private static List<byte[]> keys(MapSpec spec) {
    List<byte[]> keys = new ArrayList<>();
    switch (spec.type()) {
      case ARRAY, PERCPU_ARRAY, DEVMAP -> indexes(spec, keys);
      case QUEUE, STACK -> keys.add(new byte[0]);
      case LPM_TRIE -> prefixes(spec, keys);
      default -> hashed(spec, keys);
    }
    return keys;
  }

  private static void indexes(MapSpec spec, List<byte[]> keys) {
    int count =
        Integer.compareUnsigned(spec.maxEntries(), MOST_INDEXES) < 0
            ? spec.maxEntries()
            : MOST_INDEXES;
    for (int i = 0; i < count; i++) {
      keys.add(little(i, 4));
    }
  }

  /** Every network that the frames' hosts are in. */
  private static void prefixes(MapSpec spec, List<byte[]> keys) {
    int bytes = spec.keySize() - 4;
    for (byte[] start : addresses()) {
      for (int length : new int[] {8 * bytes, 4 * bytes, 8}) {
        keys.add(WorldFrames.join(little(length, 4), Arrays.copyOf(start, bytes)));
      }
    }
  }

  private static List<byte[]> addresses() {
    byte[] six = new byte[16];
    six[0] = (byte) 0xfd;
    six[15] = 1;
    byte[] other = six.clone();
    other[15] = 2;
    return List.of(
        WorldFrames.int32(WorldFrames.SOURCE4), WorldFrames.int32(WorldFrames.TARGET4), six, other);
  }

  private static void hashed(MapSpec spec, List<byte[]> keys) {
    int size = spec.keySize();
    List<byte[]> parts = new ArrayList<>(addresses());
    for (int number : new int[] {0, 1, 2, 53, 67, 80, 443, 22, 1234, 9999, 6, 17, 100, 0x0800}) {
      parts.add(little(number, 8));
      parts.add(WorldFrames.bytes(number >> 8, number));
    }
    parts.add(WorldFrames.bytes(2, 0, 0, 0, 0, 1));
    parts.add(WorldFrames.bytes(2, 0, 0, 0, 0, 2));
    // A connection as programs write it: addresses, ports, protocol.
    byte[] from = WorldFrames.int32(WorldFrames.SOURCE4);
    byte[] to = WorldFrames.int32(WorldFrames.TARGET4);
    byte[] ports = WorldFrames.bytes(0x9c, 0x40, 0, 80);
    parts.add(WorldFrames.join(from, to, ports, WorldFrames.bytes(6)));
    parts.add(WorldFrames.join(to, from, ports, WorldFrames.bytes(6)));
    parts.add(WorldFrames.join(to, WorldFrames.bytes(0, 80, 6)));
    parts.add(WorldFrames.join(to, new byte[12], WorldFrames.bytes(0, 80, 6)));
    for (byte[] part : parts) {
      byte[] key = Arrays.copyOf(part, size);
      if (keys.stream().noneMatch(there -> Arrays.equals(there, key))) {
        keys.add(key);
      }
    }
  }

  static byte[] little(int value, int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < Math.min(size, 4); i++) {
      bytes[i] = (byte) (value >> 8 * i);
    }
    return bytes;
  }
}
