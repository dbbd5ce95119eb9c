package org.xdp4j.bpf.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xdp4j.bpf.memory.Region;

/** What maps may take together is what they take, and goes back when they go. */
class MapBudgetTest {
  private static final int CPUS = 2;

  static Stream<MapSpec> maps() {
    return Stream.concat(MapShapes.small(), MapShapes.withoutOwnKeys());
  }

  @ParameterizedTest
  @MethodSource("maps")
  void aMapThatJustFitsIsMadeAndOneThatJustDoesNotIsRefused(MapSpec spec) throws MapException {
    try (Region region = Region.reserve(1 << 24)) {
      MapBudget measure = MapBudget.unlimited();
      BpfMap measured = MapFactory.create(spec, region, CPUS, measure);
      long needed = measure.used();
      assertThat(needed).isPositive();
      measured.free();
      assertThat(measure.used()).isZero();

      MapBudget exact = new MapBudget(needed);
      MapFactory.create(spec, region, CPUS, exact).free();
      assertThat(exact.used()).isZero();

      MapBudget tight = new MapBudget(needed - 1);
      long free = region.free();
      assertThatThrownBy(() -> MapFactory.create(spec, region, CPUS, tight))
          .isInstanceOf(MapException.class)
          .hasMessageStartingWith("map 'm' does not fit: of ")
          .hasMessageContaining("that maps may take together");
      assertThat(tight.used()).isZero();
      assertThat(region.free()).isEqualTo(free);
    }
  }

  @Test
  void anEntryThatFindsNoMemoryTakesNothing() throws MapException {
    try (Region region = Region.reserve(1 << 20)) {
      MapBudget budget = new MapBudget(64 << 20);
      MapSpec spec = MapSpec.of("m", MapType.LPM_TRIE, 20, 64, 1_000_000, MapSpec.F_NO_PREALLOC);
      BpfMap map = MapFactory.create(spec, region, CPUS, budget);
      int entry = 0;
      while (map.put(prefix(entry), new byte[64], BpfMap.ANY) == 0) {
        entry++;
      }
      long used = budget.used();
      for (int i = 0; i < 1000; i++) {
        assertThat(map.put(prefix(entry + i), new byte[64], BpfMap.ANY)).isNotZero();
      }
      assertThat(budget.used()).isEqualTo(used);
      map.free();
      assertThat(budget.used()).isZero();
    }
  }

  private static byte[] prefix(int number) {
    return ByteBuffer.allocate(20)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(128)
        .putInt(number)
        .array();
  }

  @Test
  void theSentenceSaysHowMuchIsLeft() throws MapException {
    try (Region region = Region.reserve(1 << 24)) {
      MapBudget budget = new MapBudget(1 << 20);
      MapFactory.create(MapSpec.of("one", MapType.ARRAY, 4, 8, 64 << 10, 0), region, 1, budget);
      MapSpec two = MapSpec.of("two", MapType.ARRAY, 4, 8, 128 << 10, 0);
      assertThatThrownBy(() -> MapFactory.create(two, region, 1, budget))
          .hasMessage(
              "map 'two' does not fit: of 1 MiB that maps may take together, 512 KiB are left,"
                  + " and it needs more");
    }
  }

  @Test
  void mapsThatTakeMoreThanALimitThatCameLaterKeepItAndNoneIsMadeUntilThereIsRoom()
      throws MapException {
    try (Region region = Region.reserve(1 << 24)) {
      MapBudget budget = new MapBudget(1 << 20);
      budget.setLimit(4 << 20);
      MapSpec large = MapSpec.of("large", MapType.ARRAY, 4, 8, 256 << 10, 0);
      BpfMap map = MapFactory.create(large, region, 1, budget);
      budget.setLimit(1 << 20);
      assertThat(budget.limit()).isEqualTo(1 << 20);
      MapSpec small = MapSpec.of("small", MapType.ARRAY, 4, 8, 1, 0);
      assertThatThrownBy(() -> MapFactory.create(small, region, 1, budget))
          .hasMessageContaining("of 1 MiB that maps may take together, 0 bytes are left");
      map.free();
      MapFactory.create(small, region, 1, budget).free();
      assertThat(budget.used()).isZero();
    }
  }

  @Test
  void aMapThatGrowsStopsGrowing() throws MapException {
    try (Region region = Region.reserve(1 << 24)) {
      MapBudget budget = new MapBudget(1 << 20);
      MapSpec spec = MapSpec.of("m", MapType.LPM_TRIE, 8, 8, 1 << 20, MapSpec.F_NO_PREALLOC);
      BpfMap map = MapFactory.create(spec, region, 1, budget);
      int prefixes = 0;
      byte[] key = {32, 0, 0, 0, 0, 0, 0, 0};
      while (map.put(key, new byte[8], 0) == 0) {
        prefixes++;
        key[5] = (byte) (prefixes >> 16);
        key[6] = (byte) (prefixes >> 8);
        key[7] = (byte) prefixes;
        assertThat(prefixes).isLessThan(1 << 20);
      }
      assertThat(map.put(key, new byte[8], 0)).isEqualTo(Errno.ENOMEM);
      assertThat(prefixes).isGreaterThan(1000);
      byte[] first = {32, 0, 0, 0, 0, 0, 0, 0};
      assertThat(map.remove(first)).isZero();
      map.free();
      assertThat(budget.used()).isZero();
    }
  }
}
