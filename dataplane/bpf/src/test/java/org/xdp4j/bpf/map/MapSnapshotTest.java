package org.xdp4j.bpf.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xdp4j.bpf.memory.Region;

class MapSnapshotTest {
  private static final int CPUS = 2;

  private final Region region = Region.reserve(1 << 24);

  @AfterEach
  void close() {
    region.close();
  }

  static Stream<MapSpec> maps() {
    return Stream.concat(
        MapShapes.small(),
        Stream.of(
            MapSpec.of("m", MapType.QUEUE, 0, 4, 40, 0),
            MapSpec.of("m", MapType.QUEUE, 0, 9, 7, 0),
            MapSpec.of("m", MapType.STACK, 0, 4, 40, 0)));
  }

  private MapSnapshot random(MapSpec spec, Random random) throws MapException {
    BpfMap map = MapFactory.create(spec, region, CPUS);
    for (int i = random.nextInt(30); i > 0; i--) {
      map.put(MapShapes.key(spec, random), MapShapes.value(spec, CPUS, random), BpfMap.ANY);
    }
    MapSnapshot snapshot = MapSnapshot.of(map);
    map.free();
    return snapshot;
  }

  @ParameterizedTest
  @MethodSource("maps")
  void mergingIsAssociative(MapSpec spec) throws MapException {
    Random random = new Random(spec.hashCode() & 7);
    for (int i = 0; i < 20; i++) {
      MapSnapshot a = random(spec, random);
      MapSnapshot b = random(spec, random);
      MapSnapshot c = random(spec, random);
      assertThat(a.merge(b).merge(c)).isEqualTo(a.merge(b.merge(c)));
      if (a.rule() == MapSnapshot.Rule.APPEND) {
        continue;
      }
      List<Integer> lanes = List.of(1);
      MapSnapshot sa = a.withRule(MapSnapshot.Rule.SUM, lanes);
      MapSnapshot sb = b.withRule(MapSnapshot.Rule.SUM, lanes);
      MapSnapshot sc = c.withRule(MapSnapshot.Rule.SUM, lanes);
      assertThat(sa.merge(sb).merge(sc)).isEqualTo(sa.merge(sb.merge(sc)));
    }
  }

  @ParameterizedTest
  @MethodSource("maps")
  void mergingWithNothingChangesNothing(MapSpec spec) throws MapException {
    MapSnapshot a = random(spec, new Random(5));
    MapSnapshot nothing = new MapSnapshot(a.spec(), a.cpus(), a.rule(), a.lanes(), List.of());
    assertThat(a.merge(nothing)).isEqualTo(a);
    assertThat(nothing.merge(a)).isEqualTo(a);
  }

  @ParameterizedTest
  @MethodSource("maps")
  void whatIsWrittenIsReadBack(MapSpec spec) throws Exception {
    MapSnapshot a = random(spec, new Random(6));
    assertThat(copy(a)).isEqualTo(a);
  }

  private static Object copy(Object original) throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(original);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      return in.readObject();
    }
  }

  @Test
  void aQueueHoldsTheEarlierValuesAndThenTheLaterAsFarAsThereIsRoom() throws MapException {
    QueueMap map =
        (QueueMap) MapFactory.create(MapSpec.of("q", MapType.QUEUE, 0, 1, 3, 0), region, 1);
    map.put(new byte[0], new byte[] {1}, 0);
    map.put(new byte[0], new byte[] {2}, 0);
    MapSnapshot early = MapSnapshot.of(map);
    assertThat(map.pop()).containsExactly(1);
    map.put(new byte[0], new byte[] {3}, 0);
    MapSnapshot merged = early.merge(MapSnapshot.of(map));
    assertThat(merged.entries())
        .extracting(e -> e.values()[0])
        .containsExactly((byte) 1, (byte) 2, (byte) 2);
    assertThatThrownBy(() -> merged.withRule(MapSnapshot.Rule.SUM, List.of(1)))
        .hasMessage("a map of type QUEUE is not merged by SUM");
  }

  @Test
  void aSumDoesNotDependOnTheOrderOfItsParts() throws MapException {
    MapSpec spec = MapSpec.of("count", MapType.PERCPU_HASH, 4, 12, 8, 0);
    Random random = new Random(9);
    for (int i = 0; i < 20; i++) {
      MapSnapshot a = random(spec, random);
      MapSnapshot b = random(spec, random);
      List<Integer> lanes = List.of(8, 4);
      MapSnapshot sa = a.withRule(MapSnapshot.Rule.SUM, lanes);
      MapSnapshot sb = b.withRule(MapSnapshot.Rule.SUM, lanes);
      assertThat(sa.merge(sb)).isEqualTo(sb.merge(sa));
      assertThat(sa.merge(sb).total()).isEqualTo(sa.total().merge(sb.total()));
    }
  }

  @Test
  void perCpuCountersAddUp() throws MapException {
    MapSpec spec = MapSpec.of("count", MapType.PERCPU_ARRAY, 4, 8, 1, 0);
    BpfMap map = MapFactory.create(spec, region, CPUS);
    byte[] key = new byte[4];
    map.put(key, new byte[] {(byte) 255, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0}, 0);
    MapSnapshot once = MapSnapshot.of(map);
    MapSnapshot twice = once.merge(once);
    assertThat(twice.entries().getFirst().values())
        .containsExactly(254, 1, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0);
    assertThat(twice.total().entries().getFirst().values()).containsExactly(2, 2, 0, 0, 0, 0, 0, 0);
  }

  @Test
  void thirtyTwoBitCountersDoNotCarryIntoEachOther() throws MapException {
    MapSpec spec = MapSpec.of("count", MapType.ARRAY, 4, 8, 1, 0);
    BpfMap map = MapFactory.create(spec, region, CPUS);
    map.put(new byte[4], new byte[] {-1, -1, -1, -1, 7, 0, 0, 0}, 0);
    MapSnapshot once = MapSnapshot.of(map).withRule(MapSnapshot.Rule.SUM, List.of(4, 4));
    assertThat(once.merge(once).entries().getFirst().values())
        .containsExactly(254, 255, 255, 255, 14, 0, 0, 0);
  }

  @Test
  void theLaterValueOfAPlainMapStays() throws MapException {
    BpfMap map = MapFactory.create(MapSpec.of("m", MapType.HASH, 1, 1, 4, 0), region, CPUS);
    map.put(new byte[] {1}, new byte[] {10}, 0);
    map.put(new byte[] {2}, new byte[] {20}, 0);
    MapSnapshot early = MapSnapshot.of(map);
    map.remove(new byte[] {1});
    map.put(new byte[] {2}, new byte[] {21}, 0);
    MapSnapshot merged = early.merge(MapSnapshot.of(map));
    assertThat(merged.entries())
        .containsExactly(
            new MapSnapshot.Entry(new byte[] {1}, new byte[] {10}),
            new MapSnapshot.Entry(new byte[] {2}, new byte[] {21}));
  }

  @Test
  void snapshotsOfDifferentMapsAreNotMerged() throws MapException {
    BpfMap one = MapFactory.create(MapSpec.of("one", MapType.ARRAY, 4, 8, 1, 0), region, 1);
    BpfMap two = MapFactory.create(MapSpec.of("two", MapType.ARRAY, 4, 8, 1, 0), region, 1);
    assertThatThrownBy(() -> MapSnapshot.of(one).merge(MapSnapshot.of(two)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'one'")
        .hasMessageContaining("'two'");
  }
}
