package org.xdp4j.bpf.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.memory.Region;

/** More updates of a hash at once than it has spare elements for. */
class HashSparesTest {
  private static final int THREADS = 8;
  private static final int UPDATES = 20_000;

  private static HashTableMap map(Region region) throws MapException {
    return (HashTableMap) MapFactory.create(MapSpec.of("m", MapType.HASH, 4, 8, 2, 0), region, 1);
  }

  @Test
  void anUpdateThatFindsNoneEndsAndHoldsNothing() throws MapException {
    try (Region region = Region.reserve(1 << 20)) {
      HashTableMap map = map(region);
      byte[] key = BpfMap.indexKey(1);
      assertThat(map.put(key, new byte[8], BpfMap.ANY)).isZero();
      List<Integer> taken = new ArrayList<>();
      for (int spare = map.free.takeSpare(0); spare >= 0; spare = map.free.takeSpare(0)) {
        taken.add(spare);
      }
      assertThat(taken).hasSize(FreeElements.spares(1));
      assertThat(map.put(key, new byte[8], BpfMap.ANY)).isEqualTo(Errno.ENOMEM);
      assertThat(map.get(key)).isEqualTo(new byte[8]);
      assertThat(map.remove(key)).isZero();
      assertThat(map.put(key, new byte[8], BpfMap.ANY)).isZero();
      map.free.giveSpare(taken.getFirst(), 0);
      assertThat(map.put(key, new byte[] {7, 0, 0, 0, 0, 0, 0, 0}, BpfMap.ANY)).isZero();
      assertThat(map.get(key)).startsWith(7);
    }
  }

  @Test
  void moreThreadsThanItWasMadeForAllGetTheirTurn() throws Exception {
    try (Region region = Region.reserve(1 << 20)) {
      HashTableMap map = map(region);
      long key = region.allocate(8, 8);
      AtomicLong refused = new AtomicLong();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        long value = region.allocate(8, 8);
        region.segment().set(Region.LONG, value, i);
        threads.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      for (int n = 0; n < UPDATES; n++) {
                        refused.addAndGet(map.update(key, value, BpfMap.ANY, 0) == 0 ? 0 : 1);
                      }
                    }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(refused).hasValue(0);
      assertThat(map.keys()).hasSize(1);
    }
  }
}
