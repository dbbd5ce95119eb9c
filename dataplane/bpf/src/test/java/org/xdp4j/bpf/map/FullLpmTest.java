package org.xdp4j.bpf.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xdp4j.bpf.memory.Rcu;
import org.xdp4j.bpf.memory.Region;

/**
 * An LPM trie for which no memory is left goes on replacing what it holds: a program's batch by
 * elements that are set aside, and user space by waiting for the batch to end.
 */
class FullLpmTest {
  private static final int MOST = 100_000;

  private static byte[] key(int dataSize, int number) {
    ByteBuffer key = ByteBuffer.allocate(4 + dataSize).order(ByteOrder.LITTLE_ENDIAN);
    return key.putInt(8 * dataSize).putInt(Integer.reverse(number)).array();
  }

  private static int fill(BpfMap map, int dataSize, int valueSize) {
    int count = 0;
    while (map.put(key(dataSize, count), new byte[valueSize], BpfMap.NOEXIST) == 0) {
      count++;
    }
    return count;
  }

  private static BpfMap map(Region region, MapBudget budget, int dataSize, int valueSize)
      throws MapException {
    MapSpec spec =
        MapSpec.of("m", MapType.LPM_TRIE, 4 + dataSize, valueSize, MOST, MapSpec.F_NO_PREALLOC);
    return MapFactory.create(spec, region, 1, budget);
  }

  /** A program's replacement, in place of that prefix. */
  private static long replace(BpfMap map, int dataSize, int valueSize, int number) {
    long key = map.atScratch(key(dataSize, number));
    map.memory.set(Region.INT, map.scratchValue(), number + 1);
    return map.update(key, map.scratchValue(), BpfMap.EXIST, 0);
  }

  @ParameterizedTest
  @CsvSource({
    "4, 8, false",
    "4, 8, true",
    "16, 8, false",
    "16, 8, true",
    "20, 200, false",
    "20, 200, true",
    "4, 3000, false",
    "16, 3000, true",
    "100, 70000, true"
  })
  void aBatchReplacesWithoutWaiting(int dataSize, int valueSize, boolean regionIsFull)
      throws Exception {
    try (Region region = Region.reserve(regionIsFull ? 1 << 20 : 1 << 24)) {
      MapBudget budget = regionIsFull ? MapBudget.unlimited() : new MapBudget(2 << 20);
      BpfMap map = map(region, budget, dataSize, valueSize);
      Rcu.Reader reader = region.rcu().newReader();
      int count = fill(map, dataSize, valueSize);
      int element = (int) Words.roundUp8(4 + dataSize) + (int) Words.roundUp8(valueSize);
      if (regionIsFull) {
        assertThat(region.free()).as("the last is used").isLessThan(2L * element + 64);
      }
      int spares = Math.clamp((64 << 10) / element, 1, 64);
      for (int batch = 0; batch < 5; batch++) {
        assertThat(reader.lock()).isTrue();
        for (int i = 0; i < spares; i++) {
          int number = (batch * 7 + i) % count;
          assertThat(replace(map, dataSize, valueSize, number)).isZero();
          assertThat(map.get(key(dataSize, number))).startsWith(number + 1, number + 1 >> 8);
        }
        assertThat(fill(map, dataSize, valueSize)).isZero();
        reader.unlock();
      }
      for (int i = 0; i < Math.min(20, count / 2); i++) {
        assertThat(map.remove(key(dataSize, i))).isZero();
      }
      assertThat(map.put(key(dataSize, 0), new byte[valueSize], BpfMap.NOEXIST)).isZero();
    }
  }

  @Test
  void userSpaceWaitsForTheBatchToEnd() throws Exception {
    try (Region region = Region.reserve(1 << 20)) {
      BpfMap map = map(region, MapBudget.unlimited(), 16, 8);
      int count = fill(map, 16, 8);
      Rcu.Reader reader = region.rcu().newReader();
      assertThat(reader.lock()).isTrue();
      int replaced = 0;
      while (replace(map, 16, 8, replaced % count) == 0) {
        replaced++;
      }
      assertThat(replaced).isGreaterThanOrEqualTo(64);
      assertThat(map.put(key(16, 1), new byte[8], BpfMap.EXIST))
          .as("not without end")
          .isEqualTo(Errno.ENOMEM);
      Thread batch =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      Thread.sleep(5);
                    } catch (InterruptedException e) {
                      throw new IllegalStateException(e);
                    }
                    reader.unlock();
                  });
      assertThat(map.put(key(16, 1), new byte[] {9, 0, 0, 0, 0, 0, 0, 0}, BpfMap.EXIST)).isZero();
      batch.join();
      assertThat(map.get(key(16, 1))).startsWith(9);
    }
  }
}
