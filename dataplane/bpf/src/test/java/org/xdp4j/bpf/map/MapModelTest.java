package org.xdp4j.bpf.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xdp4j.bpf.memory.Region;

/** Each map type under generated sequences of operations, against {@link MapModel}. */
class MapModelTest {
  private static final int CPUS = 3;
  private static final int OPERATIONS = 4000;

  static Stream<MapSpec> maps() {
    return MapShapes.small();
  }

  @ParameterizedTest
  @MethodSource("maps")
  void behavesAsItsModel(MapSpec spec) throws MapException {
    try (Region region = Region.reserve(1 << 24)) {
      BpfMap map = MapFactory.create(spec, region, CPUS);
      MapModel model = new MapModel(spec, CPUS);
      long key = region.allocate(spec.keySize(), 8);
      long value = region.allocate(spec.valueSize(), 8);
      Random random = new Random(42);
      for (int i = 0; i < OPERATIONS; i++) {
        step(map, model, random, key, value);
      }
      assertThat(sorted(map.keys(), spec)).isEqualTo(sorted(model.keys(), spec));
      long before = region.free();
      map.free();
      assertThat(region.free()).isGreaterThan(before);
    }
  }

  private static void step(BpfMap map, MapModel model, Random random, long key, long value) {
    MapSpec spec = map.spec();
    byte[] k = MapShapes.key(spec, random);
    byte[] v = MapShapes.value(spec, CPUS, random);
    long flags = random.nextInt(10) == 0 ? random.nextInt(5) - 1 : random.nextInt(10) / 7;
    switch (random.nextInt(7)) {
      case 0 -> assertThat(map.put(k, v, flags)).isEqualTo(model.put(k, v, flags));
      case 1 -> assertThat(map.remove(k)).isEqualTo(model.remove(k));
      case 2 -> assertThat(map.get(k)).isEqualTo(model.get(k));
      case 3 -> {
        map.fill(key, k);
        assertThat(map.delete(key)).isEqualTo(model.remove(k));
      }
      case 4 -> {
        map.fill(key, k);
        int cpu = random.nextInt(CPUS);
        long at = map.lookup(key, cpu);
        byte[] seen = at == 0 ? null : map.bytes(at, spec.valueSize());
        assertThat(seen).isEqualTo(model.valueOf(model.get(k), cpu));
        assertThat(at == 0 || map.containsValue(at, spec.valueSize())).isTrue();
        assertThat(at != 0 && map.containsValue(at, spec.valueSize() + 1)).isFalse();
      }
      default -> {
        map.fill(key, k);
        int cpu = random.nextInt(CPUS);
        byte[] one = Arrays.copyOf(v, spec.valueSize());
        map.fill(value, one);
        long done = map.update(key, value, flags, cpu);
        assertThat(done).isEqualTo(model.put(k, merged(model, k, one, cpu), flags));
      }
    }
  }

  /** What all CPUs' values are after one CPU's update. */
  private static byte[] merged(MapModel model, byte[] key, byte[] one, int cpu) {
    byte[] all = model.get(key);
    if (!model.perCpu()) {
      return one;
    }
    byte[] merged = all == null ? new byte[one.length * CPUS] : all.clone();
    System.arraycopy(one, 0, merged, cpu * one.length, one.length);
    return merged;
  }

  private static List<String> sorted(Iterable<byte[]> keys, MapSpec spec) {
    List<String> list = new ArrayList<>();
    for (byte[] key : keys) {
      boolean prefix = spec.type() == MapType.LPM_TRIE;
      list.add(Arrays.toString(prefix ? MapModel.canonical(key) : key));
    }
    list.sort(Comparator.naturalOrder());
    return list;
  }
}
