package org.xdp4j.bpf.map;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xdp4j.bpf.memory.Region;

/** What programs do to maps allocates nothing on the Java heap. */
class MapAllocationTest {
  private static final int OPERATIONS = 20_000;

  static Stream<MapSpec> maps() {
    return MapShapes.small();
  }

  @ParameterizedTest
  @MethodSource("maps")
  void lookupsAndUpdatesAllocateNothing(MapSpec spec) throws MapException {
    try (Region region = Region.reserve(1 << 24)) {
      BpfMap map = MapFactory.create(spec, region, 2);
      long key = region.allocate(spec.keySize(), 8);
      long value = region.allocate(spec.valueSize(), 8);
      region.segment().set(Region.BYTE, value, (byte) 1);
      // A prefix is added and taken away by making new nodes of its trie, so only lookups count.
      boolean updates = spec.type() != MapType.LPM_TRIE && !spec.type().name().startsWith("DEVMAP");
      map.update(key, value, BpfMap.ANY, 0);
      work(map, key, value, updates);
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long before = threads.getCurrentThreadAllocatedBytes();
      long nothing = threads.getCurrentThreadAllocatedBytes() - before;
      before = threads.getCurrentThreadAllocatedBytes();
      work(map, key, value, updates);
      long allocated = threads.getCurrentThreadAllocatedBytes() - before - nothing;
      // Before the JIT compiles them, a few accesses box: a fraction of a byte an operation.
      assertThat(allocated).isLessThan(OPERATIONS / 10);
    }
  }

  private static void work(BpfMap map, long key, long value, boolean updates) {
    for (int i = 0; i < OPERATIONS; i++) {
      map.memory.set(Region.BYTE, key, (byte) (i & 3));
      map.lookup(key, i & 1);
      if (updates) {
        map.update(key, value, BpfMap.ANY, i & 1);
        if ((i & 7) == 0) {
          map.delete(key);
        }
      }
    }
  }
}
