package org.xdp4j.bpf.generate;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;

/** One map of every type, for programs that are to meet them all. */
public final class WorldMaps {
  static final int PROGRAMS = 7;
  static final int RING = 16;
  static final int ARRAY_OF_MAPS = 17;
  static final int HASH_OF_MAPS = 18;
  static final int CONSTANTS = 19;
  static final int READ_ONLY = 20;
  static final int WRITE_ONLY = 21;
  static final int DATA = 22;
  static final int ARENA = 23;

  /** Pages of {@link #ARENA}. */
  public static final int ARENA_PAGES = 4;

  /** Where user space has it: its lower half is not 0, and there is some before it. */
  private static final long ARENA_START = (1L << 44) + (1L << 30);

  /** What {@link #CONSTANTS} holds: strings, each with its NUL, then bytes of no meaning. */
  private static final String TEXT = "n %d %x\0abc\0\0xyzw\0\1\2\3\4\5\6\7\u0008\u0009";

  private static final MapSpec INNER_ARRAY = MapSpec.of("inner", MapType.ARRAY, 4, 16, 2, 0);
  private static final MapSpec INNER_HASH = MapSpec.of("innerh", MapType.HASH, 4, 16, 4, 0);

  /** The maps, by index. */
  public static final List<MapSpec> ALL =
      List.of(
          MapSpec.of("array", MapType.ARRAY, 4, 24, 5, 0),
          MapSpec.of("hash", MapType.HASH, 8, 24, 16, 0),
          MapSpec.of("percpu", MapType.PERCPU_ARRAY, 4, 24, 3, 0),
          MapSpec.of("lpm", MapType.LPM_TRIE, 8, 24, 16, MapSpec.F_NO_PREALLOC),
          MapSpec.of("lru", MapType.LRU_HASH, 4, 16, 8, 0),
          MapSpec.of("percpu_hash", MapType.PERCPU_HASH, 4, 16, 8, 0),
          MapSpec.of("lru_percpu", MapType.LRU_PERCPU_HASH, 4, 16, 8, 0),
          MapSpec.of("programs", MapType.PROG_ARRAY, 4, 4, 4, 0),
          MapSpec.of("perf", MapType.PERF_EVENT_ARRAY, 4, 4, 2, 0),
          MapSpec.of("dev", MapType.DEVMAP, 4, 4, 4, 0),
          MapSpec.of("dev_hash", MapType.DEVMAP_HASH, 4, 4, 4, 0),
          MapSpec.of("cpu", MapType.CPUMAP, 4, 4, 2, 0),
          MapSpec.of("xsk", MapType.XSKMAP, 4, 4, 4, 0),
          MapSpec.of("queue", MapType.QUEUE, 0, 8, 8, 0),
          MapSpec.of("stack", MapType.STACK, 0, 8, 8, 0),
          MapSpec.of("bloom", MapType.BLOOM_FILTER, 0, 8, 16, 0),
          MapSpec.of("ring", MapType.RINGBUF, 0, 0, 4096, 0),
          ofMaps("maps", MapType.ARRAY_OF_MAPS, INNER_ARRAY),
          ofMaps("maps_hash", MapType.HASH_OF_MAPS, INNER_HASH),
          constants(),
          MapSpec.of("ro", MapType.ARRAY, 4, 16, 2, MapSpec.F_RDONLY_PROG),
          MapSpec.of("wo", MapType.ARRAY, 4, 16, 2, MapSpec.F_WRONLY_PROG),
          MapSpec.of("data", MapType.ARRAY, 4, 32, 1, 0),
          MapSpec.of("arena", MapType.ARENA, 0, 0, ARENA_PAGES, MapSpec.F_MMAPABLE)
              .withExtra(ARENA_START));

  private WorldMaps() {}

  private static MapSpec ofMaps(String name, MapType type, MapSpec inner) {
    return MapSpec.of(name, type, 4, 4, 2, 0).withInner(inner);
  }

  private static MapSpec constants() {
    byte[] data = TEXT.getBytes(StandardCharsets.ISO_8859_1);
    int flags = MapSpec.F_RDONLY_PROG;
    return MapSpec.of("rodata", MapType.ARRAY, 4, data.length, 1, flags)
        .withData(data)
        .withFrozen(true);
  }

  /** Where a string begins in {@link #CONSTANTS}. */
  static int string(RandomGenerator random) {
    int[] starts = {0, 8, 12, 13};
    return starts[random.nextInt(starts.length)];
  }

  /** A map of one of these types; of any when there are none. */
  static int pick(Set<MapType> types, RandomGenerator random) {
    int start = random.nextInt(ALL.size());
    for (int i = 0; i < ALL.size(); i++) {
      int map = (start + i) % ALL.size();
      if (types.isEmpty() || types.contains(ALL.get(map).type())) {
        return map;
      }
    }
    return start;
  }

  static int valueSize(int map) {
    return ALL.get(map).valueSize();
  }
}
