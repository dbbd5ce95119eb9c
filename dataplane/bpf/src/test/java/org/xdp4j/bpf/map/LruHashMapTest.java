package org.xdp4j.bpf.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xdp4j.bpf.memory.Region;

/** Which keys stay when an LRU hash is full. */
class LruHashMapTest {
  private static final int ENTRIES = 100;

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
      assertThat(size(map)).isEqualTo(Math.min(i + 1, ENTRIES));
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
    for (int i = 0; i < 20 * ENTRIES; i++) {
      for (int used = 0; used < 10; used++) {
        assertThat(use(map, used)).isTrue();
      }
      put(map, 1000 + i);
    }
  }

  @Test
  void keysNeverUsedLeaveInTheOrderTheyCame() throws MapException {
    BpfMap map = make(MapType.LRU_HASH);
    for (int i = 0; i < ENTRIES; i++) {
      put(map, i);
    }
    for (int i = 0; i < ENTRIES / 2; i++) {
      put(map, 1000 + i);
    }
    for (int i = 0; i < ENTRIES; i++) {
      assertThat(map.get(BpfMap.indexKey(i)) != null).as("key %d", i).isEqualTo(i >= ENTRIES / 2);
    }
  }

  @Test
  void updatingAKeyMakesNoOtherLeave() throws MapException {
    BpfMap map = make(MapType.LRU_HASH);
    for (int i = 0; i < ENTRIES; i++) {
      put(map, i);
    }
    for (int i = 0; i < 1000; i++) {
      put(map, i % ENTRIES);
    }
    assertThat(size(map)).isEqualTo(ENTRIES);
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
