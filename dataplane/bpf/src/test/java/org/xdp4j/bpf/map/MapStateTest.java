package org.xdp4j.bpf.map;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.memory.Region;

/** How full maps are that have no entries to be listed. */
class MapStateTest {
  private final Region region = Region.reserve(1 << 24);

  @AfterEach
  void close() {
    region.close();
  }

  private BpfMap map(MapType type, int keySize, int valueSize, int entries, int flags)
      throws MapException {
    return MapFactory.create(MapSpec.of("m", type, keySize, valueSize, entries, flags), region, 1);
  }

  private static String text(BpfMap map) {
    MapState state = MapState.of(map).orElseThrow();
    assertThat(state.figures()).hasSize(2);
    return state.text();
  }

  @Test
  void aRingHoldsBytesUntilTheyAreRead() throws MapException {
    RingBufferMap ring = (RingBufferMap) map(MapType.RINGBUF, 0, 0, 4096, 0);
    assertThat(text(ring)).isEqualTo("0 of 4,096 bytes not read yet");
    assertThat(ring.output(region.allocate(16, 8), 16, 0)).isZero();
    assertThat(text(ring)).as("8 bytes of head").isEqualTo("24 of 4,096 bytes not read yet");
    UserRingBufferMap user = (UserRingBufferMap) map(MapType.USER_RINGBUF, 0, 0, 4096, 0);
    assertThat(user.put(new byte[10])).isZero();
    assertThat(text(user)).isEqualTo("24 of 4,096 bytes not read yet");
  }

  @Test
  void aSetHasBitsAndAnArenaPages() throws MapException {
    BloomFilterMap set = (BloomFilterMap) map(MapType.BLOOM_FILTER, 0, 4, 100, 0);
    assertThat(text(set)).isEqualTo("0 of 1,024 bits set");
    assertThat(set.push(region.allocate(8, 8), 0)).isZero();
    assertThat(MapState.of(set).orElseThrow().figures().get("bitsSet")).isBetween(1L, 5L);
    ArenaMap arena = (ArenaMap) map(MapType.ARENA, 0, 0, 10, MapSpec.F_MMAPABLE);
    assertThat(arena.allocate(0, 2, 0)).isNotZero();
    assertThat(text(arena)).isEqualTo("2 of 10 pages in use");
  }

  @Test
  void othersHaveEntries() throws MapException {
    assertThat(text(map(MapType.PERF_EVENT_ARRAY, 4, 4, 3, 0))).isEqualTo("0 of 3 buffers open");
    assertThat(MapState.of(map(MapType.HASH, 4, 4, 3, 0))).isEmpty();
    assertThat(MapState.of(map(MapType.QUEUE, 0, 4, 3, 0))).isEmpty();
  }
}
