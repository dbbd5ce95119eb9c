package org.xdp4j.bpf.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.memory.Region;

/** Longest matches in large tries, against a plain search. */
class LpmTrieMapTest {
  private static final int PREFIXES = 3000;
  private static final int LOOKUPS = 6000;

  @ParameterizedTest
  @ValueSource(ints = {4, 7, 16, 40})
  void theLongestMatchIsFoundAmongThousands(int dataSize) throws MapException {
    MapSpec spec =
        MapSpec.of("m", MapType.LPM_TRIE, 4 + dataSize, 4, PREFIXES, MapSpec.F_NO_PREALLOC);
    try (Region region = Region.reserve(1 << 24)) {
      BpfMap map = MapFactory.create(spec, region, 1);
      MapModel model = new MapModel(spec, 1);
      Random random = new Random(dataSize);
      for (int i = 0; i < PREFIXES; i++) {
        byte[] key = key(dataSize, random);
        byte[] value = BpfMap.indexKey(i + 1);
        assertThat(map.put(key, value, 0)).isEqualTo(model.put(key, value, 0));
      }
      agree(map, model, dataSize, random);
      for (byte[] key : map.keys()) {
        if (random.nextBoolean()) {
          assertThat(map.remove(key)).isEqualTo(model.remove(key)).isZero();
        }
      }
      agree(map, model, dataSize, random);
      for (byte[] key : map.keys()) {
        assertThat(map.remove(key)).isZero();
      }
      assertThat(map.keys()).isEmpty();
    }
  }

  private static void agree(BpfMap map, MapModel model, int dataSize, Random random) {
    for (int i = 0; i < LOOKUPS; i++) {
      byte[] key = key(dataSize, random);
      if (random.nextBoolean()) {
        System.arraycopy(BpfMap.indexKey(8 * dataSize), 0, key, 0, 4);
      }
      assertThat(map.get(key)).isEqualTo(model.get(key));
    }
  }

  /** Crowded in a few first bytes, so that some nodes become full and prefixes lie in prefixes. */
  private static byte[] key(int dataSize, Random random) {
    byte[] key = new byte[4 + dataSize];
    for (int i = 0; i < dataSize; i++) {
      boolean spread = i == 1 || random.nextInt(2 + 2 * i) == 0;
      key[4 + i] = (byte) (spread ? random.nextInt(256) : random.nextInt(2));
    }
    int length = random.nextInt(8 * dataSize + 1);
    System.arraycopy(BpfMap.indexKey(length), 0, key, 0, 4);
    return key;
  }

  @Test
  void aFullTrieTakesUpdatesButNoNewPrefix() throws MapException {
    MapSpec spec = MapSpec.of("m", MapType.LPM_TRIE, 8, 4, 2, MapSpec.F_NO_PREALLOC);
    try (Region region = Region.reserve(1 << 20)) {
      BpfMap map = MapFactory.create(spec, region, 1);
      assertThat(map.put(new byte[] {0, 0, 0, 0, 0, 0, 0, 0}, new byte[4], 0)).isZero();
      assertThat(map.put(new byte[] {8, 0, 0, 0, 1, 0, 0, 0}, new byte[4], 0)).isZero();
      byte[] third = {9, 0, 0, 0, 1, 0, 0, 0};
      assertThat(map.put(third, new byte[4], 0)).isEqualTo(Errno.ENOSPC);
      for (int i = 0; i < 1000; i++) {
        assertThat(map.put(new byte[] {8, 0, 0, 0, 1, 0, 0, 0}, new byte[4], 0)).isZero();
      }
    }
  }
}
