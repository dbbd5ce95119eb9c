package org.xdp4j.bpf.map;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.xdp4j.bpf.oracle.KernelOracle;

/** Map definitions of every keyed type to try, and keys and values that suit them. */
final class MapShapes {
  private MapShapes() {}

  /** Small, so that generated sequences fill them. */
  static Stream<MapSpec> small() {
    return Stream.of(
        spec(MapType.ARRAY, 4, 4, 7, 0),
        spec(MapType.ARRAY, 4, 13, 1, 0),
        spec(MapType.PERCPU_ARRAY, 4, 8, 5, 0),
        spec(MapType.PERCPU_ARRAY, 4, 3, 4, 0),
        spec(MapType.HASH, 1, 1, 5, 0),
        spec(MapType.HASH, 2, 4, 6, 0),
        spec(MapType.HASH, 4, 8, 8, MapSpec.F_NO_PREALLOC),
        spec(MapType.HASH, 8, 5, 8, 0),
        spec(MapType.HASH, 13, 300, 9, MapSpec.F_ZERO_SEED),
        spec(MapType.HASH, 16, 16, 1, 0),
        spec(MapType.HASH, 37, 2, 30, 0),
        spec(MapType.PERCPU_HASH, 4, 8, 8, 0),
        spec(MapType.PERCPU_HASH, 11, 5, 3, MapSpec.F_NO_PREALLOC),
        spec(MapType.LRU_HASH, 4, 8, 2048, 0),
        spec(MapType.LRU_HASH, 24, 3, 2048, 0),
        spec(MapType.LRU_PERCPU_HASH, 8, 12, 2048, 0),
        spec(MapType.LPM_TRIE, 5, 4, 100, MapSpec.F_NO_PREALLOC),
        spec(MapType.LPM_TRIE, 8, 4, 60, MapSpec.F_NO_PREALLOC),
        spec(MapType.LPM_TRIE, 20, 9, 40, MapSpec.F_NO_PREALLOC),
        spec(MapType.LPM_TRIE, 11, 4, 12, MapSpec.F_NO_PREALLOC),
        spec(MapType.LPM_TRIE, 20, 4, 2000, MapSpec.F_NO_PREALLOC),
        spec(MapType.DEVMAP, 4, 4, 6, 0),
        spec(MapType.DEVMAP, 4, 8, 6, 0),
        spec(MapType.DEVMAP_HASH, 4, 4, 6, 0),
        spec(MapType.DEVMAP_HASH, 4, 8, 3, 0));
  }

  /** What user space may not write or programs not read or write, and values with a lock. */
  static Stream<MapSpec> guarded() {
    return Stream.of(
        spec(MapType.HASH, 4, 8, 5, MapSpec.F_RDONLY),
        spec(MapType.ARRAY, 4, 8, 5, MapSpec.F_RDONLY | MapSpec.F_WRONLY_PROG),
        spec(MapType.PERCPU_HASH, 4, 8, 5, MapSpec.F_RDONLY),
        spec(MapType.QUEUE, 0, 8, 5, MapSpec.F_RDONLY),
        spec(MapType.PROG_ARRAY, 4, 4, 5, MapSpec.F_RDONLY),
        spec(MapType.XSKMAP, 4, 4, 5, MapSpec.F_RDONLY),
        spec(MapType.HASH, 4, 8, 5, MapSpec.F_RDONLY_PROG),
        spec(MapType.HASH, 4, 8, 5, MapSpec.F_WRONLY),
        spec(MapType.ARRAY, 4, 8, 5, MapSpec.F_WRONLY | MapSpec.F_RDONLY_PROG),
        spec(MapType.PERCPU_ARRAY, 4, 8, 5, MapSpec.F_WRONLY),
        spec(MapType.LRU_HASH, 4, 8, 2048, MapSpec.F_WRONLY),
        spec(MapType.LPM_TRIE, 8, 4, 20, MapSpec.F_NO_PREALLOC | MapSpec.F_WRONLY),
        spec(MapType.LPM_TRIE, 8, 4, 20, MapSpec.F_NO_PREALLOC | MapSpec.F_RDONLY),
        spec(MapType.QUEUE, 0, 8, 5, MapSpec.F_WRONLY),
        spec(MapType.STACK, 0, 8, 5, MapSpec.F_WRONLY),
        spec(MapType.DEVMAP, 4, 4, 6, MapSpec.F_WRONLY),
        spec(MapType.DEVMAP_HASH, 4, 4, 6, MapSpec.F_RDONLY),
        spec(MapType.XSKMAP, 4, 4, 5, MapSpec.F_WRONLY),
        spec(MapType.PERF_EVENT_ARRAY, 4, 4, 4, MapSpec.F_WRONLY),
        spec(MapType.PROG_ARRAY, 4, 4, 5, MapSpec.F_WRONLY),
        locked(MapType.HASH),
        locked(MapType.ARRAY));
  }

  /** Values of 24 bytes with a {@code struct bpf_spin_lock} behind the first 8. */
  private static MapSpec locked(MapType type) {
    return MapSpec.of("m", type, 4, 24, 6, 0)
        .withFields(List.of(new SpecialField(SpecialField.Kind.SPIN_LOCK, 8)));
  }

  /** Queues, buffers, filters, and maps of what only a kernel has numbers for. */
  static Stream<MapSpec> withoutOwnKeys() {
    int cpus = KernelOracle.available() ? KernelOracle.possibleCpus() : 2;
    return Stream.of(
        spec(MapType.QUEUE, 0, 8, 5, 0),
        spec(MapType.QUEUE, 0, 3, 1, 0),
        spec(MapType.STACK, 0, 8, 5, 0),
        spec(MapType.STACK, 0, 13, 2, 0),
        spec(MapType.BLOOM_FILTER, 0, 4, 100, 0),
        spec(MapType.RINGBUF, 0, 0, 4096, 0),
        spec(MapType.USER_RINGBUF, 0, 0, 4096, 0),
        spec(MapType.CPUMAP, 4, 4, cpus, 0),
        spec(MapType.CPUMAP, 4, 8, cpus, 0),
        spec(MapType.PROG_ARRAY, 4, 4, 4, 0),
        spec(MapType.PERF_EVENT_ARRAY, 4, 4, 4, 0),
        spec(MapType.XSKMAP, 4, 4, 4, 0));
  }

  private static MapSpec spec(MapType type, int key, int value, int entries, int flags) {
    return MapSpec.of("m", type, key, value, entries, flags);
  }

  /** A key that is often one used before, sometimes beyond the map. */
  static byte[] key(MapSpec spec, Random random) {
    byte[] key = new byte[spec.keySize()];
    switch (spec.type()) {
      case QUEUE, STACK, BLOOM_FILTER, RINGBUF, USER_RINGBUF -> {
        return key;
      }
      case ARRAY, PERCPU_ARRAY, DEVMAP, CPUMAP, PROG_ARRAY, PERF_EVENT_ARRAY, XSKMAP -> {
        int index = random.nextInt(spec.maxEntries() + 2);
        return BpfMap.indexKey(random.nextInt(20) == 0 ? -index : index);
      }
      case LPM_TRIE -> {
        int bits = 8 * (key.length - 4);
        int most = random.nextInt(8) == 0 ? bits + 2 : bits;
        for (int i = 4; i < key.length; i++) {
          key[i] = (byte) (random.nextInt(3) == 0 ? random.nextInt(256) : 10 * random.nextInt(2));
        }
        int length = random.nextBoolean() ? random.nextInt(most + 1) : bits - random.nextInt(9);
        System.arraycopy(BpfMap.indexKey(length), 0, key, 0, 4);
        return key;
      }
      default -> {
        int number = random.nextInt(Math.min(3 * spec.maxEntries(), 60));
        key[random.nextInt(4) == 0 ? key.length - 1 : 0] = (byte) number;
        return key;
      }
    }
  }

  /** A value; for device maps the loopback interface, or none. */
  static byte[] value(MapSpec spec, int cpus, Random random) {
    boolean device = spec.type() == MapType.DEVMAP || spec.type() == MapType.DEVMAP_HASH;
    byte[] value = new byte[spec.valueSize() * (spec.type().isPerCpu() ? cpus : 1)];
    boolean descriptor =
        spec.type() == MapType.PROG_ARRAY
            || spec.type() == MapType.PERF_EVENT_ARRAY
            || spec.type() == MapType.XSKMAP;
    if (descriptor) {
      // One that no process has open.
      value[2] = 1;
    } else if (spec.type() == MapType.CPUMAP) {
      int length = random.nextInt(6) == 0 ? 16384 + random.nextInt(2) : random.nextInt(3);
      System.arraycopy(BpfMap.indexKey(length), 0, value, 0, 4);
    } else if (device) {
      value[0] = (byte) (random.nextInt(5) == 0 ? 0 : 1);
    } else {
      random.nextBytes(value);
    }
    return value;
  }
}
