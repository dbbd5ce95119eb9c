package org.xdp4j.bpf.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xdp4j.bpf.memory.Region;

/** Which keys stay when an LRU hash is full. */
class LruHashMapTest {
  private static final int ENTRIES = 100;

  /** Keys that leave at once, of a map of this size on two CPUs. */
  private static final int AT_ONCE = 25;

  private final Region region = Region.reserve(1 << 22);
  private final long key = region.allocate(8, 8);
  private final long value = region.allocate(8, 8);

  @AfterEach
  void close() {
    region.close();
  }

  private BpfMap make(MapType type) throws MapException {
    return MapFactory.create(MapSpec.of("m", type, 4, 8, ENTRIES, 0), region, 2);
  }

  private long put(BpfMap map, int number) {
    region.segment().set(Region.INT, key, number);
    return map.update(key, value, BpfMap.ANY, 0);
  }

  private boolean use(BpfMap map, int number) {
    region.segment().set(Region.INT, key, number);
    return map.lookup(key, 0) != 0;
  }

  private static int size(BpfMap map) {
    List<byte[]> keys = new ArrayList<>();
    map.keys().forEach(keys::add);
    return keys.size();
  }

  @ParameterizedTest
  @EnumSource(
      value = MapType.class,
      names = {"LRU_HASH", "LRU_PERCPU_HASH"})
  void thereIsAlwaysRoomAndNeverTooMuch(MapType type) throws MapException {
    BpfMap map = make(type);
    for (int i = 0; i < 10 * ENTRIES; i++) {
      assertThat(put(map, i)).isZero();
      assertThat(map.get(BpfMap.indexKey(i))).isNotNull();
      assertThat(size(map)).isBetween(Math.min(i + 1, ENTRIES - AT_ONCE), ENTRIES);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = MapType.class,
      names = {"LRU_HASH", "LRU_PERCPU_HASH"})
  void keysInUseStay(MapType type) throws MapException {
    BpfMap map = make(type);
    for (int i = 0; i < ENTRIES; i++) {
      put(map, i);
    }
    IntStream.range(0, 10).forEach(used -> put(map, used));
    for (int i = 0; i < 20 * ENTRIES; i++) {
      for (int used = 0; used < 10; used++) {
        assertThat(use(map, used)).as("key %d after %d", used, i).isTrue();
      }
      put(map, 1000 + i);
    }
  }

  @Test
  void keysNeverUsedLeaveInTheOrderTheyCame() throws MapException {
    BpfMap map = make(MapType.LRU_HASH);
    for (int i = 0; i < 3 * ENTRIES; i++) {
      put(map, i);
    }
    int size = size(map);
    for (int i = 0; i < 3 * ENTRIES; i++) {
      boolean there = map.get(BpfMap.indexKey(i)) != null;
      assertThat(there).as("key %d", i).isEqualTo(i >= 3 * ENTRIES - size);
    }
  }

  @Test
  void aMapWithOwnListsHasAsManyElementsForEachCpu() throws MapException {
    MapSpec spec = MapSpec.of("m", MapType.LRU_HASH, 4, 8, ENTRIES - 1, MapSpec.F_NO_COMMON_LRU);
    BpfMap map = MapFactory.create(spec, region, 2);
    assertThat(map.spec().maxEntries()).isEqualTo(ENTRIES);
    for (int i = 0; i < 3 * ENTRIES; i++) {
      put(map, i);
      assertThat(size(map)).isLessThanOrEqualTo(ENTRIES / 2);
    }
  }

  @Test
  void userSpaceReadingDoesNotKeepAKey() throws MapException {
    BpfMap map = make(MapType.LRU_HASH);
    for (int i = 0; i < ENTRIES; i++) {
      put(map, i);
      map.get(BpfMap.indexKey(0));
    }
    put(map, 1000);
    assertThat(map.get(BpfMap.indexKey(0))).isNull();
  }
}
