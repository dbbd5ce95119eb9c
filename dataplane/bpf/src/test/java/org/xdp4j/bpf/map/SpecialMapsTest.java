package org.xdp4j.bpf.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.testing.Covers;

/** Maps whose values are programs, places or other maps, and maps without keys. */
class SpecialMapsTest {
  private static final Executable PROGRAM = (context, framePointer) -> 2;
  private static final MapProgram PARSE =
      new AnyProgram("parse", new ProgramKind(false, ""), PROGRAM);
  private static final MapProgram LEAVING = AnyProgram.leaving(PROGRAM);

  private final Region region = Region.reserve(1 << 22);

  @AfterEach
  void close() {
    region.close();
  }

  private BpfMap make(MapType type, int key, int value, int entries) throws MapException {
    return MapFactory.create(MapSpec.of("m", type, key, value, entries, 0), region, 1);
  }

  @Covers({"PROG_ARRAY"})
  @Test
  void aProgramArrayHoldsWhatIsSet() throws MapException {
    ProgramArrayMap map = (ProgramArrayMap) make(MapType.PROG_ARRAY, 4, 4, 3);
    assertThat(map.program(1)).isNull();
    assertThat(map.set(1, PARSE, BpfMap.ANY)).isZero();
    assertThat(map.program(1)).isSameAs(PROGRAM);
    assertThat(map.programName(1)).isEqualTo("parse");
    assertThat(map.program(-1)).isNull();
    assertThat(map.set(3, PARSE, BpfMap.ANY)).isEqualTo(Errno.E2BIG);
    assertThat(map.keys()).containsExactly(BpfMap.indexKey(1));
    assertThat(map.put(BpfMap.indexKey(0), new byte[4], 0)).isEqualTo(Errno.EBADF);
    assertThat(map.remove(BpfMap.indexKey(1))).isZero();
    assertThat(map.remove(BpfMap.indexKey(1))).isEqualTo(Errno.ENOENT);
    assertThat(map.program(1)).isNull();
  }

  @ParameterizedTest
  @EnumSource(
      value = MapType.class,
      names = {"DEVMAP", "DEVMAP_HASH"})
  void aDeviceMapNamesInterfacesAndTheirPrograms(MapType type) throws MapException {
    DeviceMap map = (DeviceMap) make(type, 4, 8, 4);
    assertThat(map.set(2, 7, LEAVING)).isZero();
    assertThat(map.set(3, 8, null)).isZero();
    assertThat(map.target(2)).isEqualTo(7);
    assertThat(map.program(2)).isSameAs(PROGRAM);
    assertThat(map.hasTarget(1)).isFalse();
    assertThat(map.hasTarget(-1)).isFalse();
    int[] found = new int[9];
    for (int slot = 0; slot < map.slots(); slot++) {
      found[map.targetAt(slot)]++;
    }
    assertThat(found[7]).isEqualTo(1);
    assertThat(found[8]).isEqualTo(1);
    assertThat(map.set(2, 8, null)).isZero();
    assertThat(map.program(2)).isNull();
    assertThat(((BpfMap) map).remove(BpfMap.indexKey(2))).isZero();
    assertThat(map.target(2)).isZero();
    assertThat(map.set(0, 0, null)).isEqualTo(Errno.EINVAL);
  }

  @Test
  void aDeviceMapOfSmallValuesTakesNoPrograms() throws MapException {
    DeviceMap map = (DeviceMap) make(MapType.DEVMAP, 4, 4, 4);
    assertThat(map.set(0, 1, LEAVING)).isEqualTo(Errno.EINVAL);
  }

  @Covers({"CPUMAP"})
  @Test
  void aCpuMapTakesQueuesAsLinuxDoes() throws MapException {
    CpuMap map = (CpuMap) make(MapType.CPUMAP, 4, 8, 2);
    assertThat(map.set(1, 64, AnyProgram.arriving(PROGRAM))).isZero();
    assertThat(map.hasTarget(1)).isTrue();
    assertThat(map.program(1)).isSameAs(PROGRAM);
    assertThat(map.get(BpfMap.indexKey(1))).containsExactly(64, 0, 0, 0, 0, 0, 0, 0);
    assertThat(map.put(BpfMap.indexKey(0), new byte[] {0, 0x41, 0, 0, 0, 0, 0, 0}, 0))
        .isEqualTo(-75);
    assertThat(map.put(BpfMap.indexKey(1), new byte[8], 0)).isZero();
    assertThat(map.hasTarget(1)).isFalse();
    assertThat(map.put(BpfMap.indexKey(2), new byte[8], 0)).isEqualTo(Errno.E2BIG);
  }

  @Covers({"XSKMAP"})
  @Test
  void anXskMapShowsWhetherThereIsAConsumer() throws MapException {
    XskMap map = (XskMap) make(MapType.XSKMAP, 4, 4, 2);
    long key = region.allocate(8, 8);
    assertThat(map.lookup(key, 0)).isZero();
    assertThat(map.set(0, this)).isZero();
    assertThat(map.lookup(key, 0)).isNotZero();
    assertThat(map.consumer(0)).isSameAs(this);
    assertThat(map.set(2, this)).isEqualTo(Errno.E2BIG);
  }

  private MapSpec outer(MapType type, MapSpec inner) {
    return MapSpec.of("outer", type, 4, 4, 2, 0).withInner(inner);
  }

  @Covers({"ARRAY_OF_MAPS", "HASH_OF_MAPS"})
  @ParameterizedTest
  @EnumSource(
      value = MapType.class,
      names = {"ARRAY_OF_MAPS", "HASH_OF_MAPS"})
  void aMapOfMapsTakesMapsOfTheRightShape(MapType type) throws MapException {
    MapSpec shape = MapSpec.of("inner", MapType.HASH, 4, 8, 10, 0);
    BpfMap map = MapFactory.create(outer(type, shape), region, 1);
    InnerMaps holder = (InnerMaps) map;
    BpfMap good = make(MapType.HASH, 4, 8, 99);
    BpfMap bad = make(MapType.HASH, 8, 8, 10);
    byte[] key = BpfMap.indexKey(1);
    assertThat(holder.set(key, bad, 0)).isEqualTo(Errno.EINVAL);
    assertThat(holder.inner(key)).isNull();
    assertThat(holder.set(key, good, 0)).isZero();
    assertThat(holder.inner(key)).isSameAs(good);
    long at = region.allocate(8, 8);
    map.fill(at, key);
    assertThat(BpfMap.at(region, map.lookup(at, 0))).isSameAs(good);
    assertThat(map.get(key)).isEqualTo(BpfMap.indexKey(good.id()));
    assertThat(map.keys()).containsExactly(key);
    assertThat(map.remove(key)).isZero();
    assertThat(map.lookup(at, 0)).isZero();
    map.free();
  }

  @Test
  void innerArraysMustBeEquallyLong() throws MapException {
    MapSpec shape = MapSpec.of("inner", MapType.ARRAY, 4, 8, 10, 0);
    InnerMaps map = (InnerMaps) MapFactory.create(outer(MapType.ARRAY_OF_MAPS, shape), region, 1);
    assertThat(map.set(BpfMap.indexKey(0), make(MapType.ARRAY, 4, 8, 9), 0))
        .isEqualTo(Errno.EINVAL);
    assertThat(map.set(BpfMap.indexKey(0), make(MapType.ARRAY, 4, 8, 10), 0)).isZero();
  }

  @Test
  void aMapOfMapsSaysWhatIsInIt() {
    assertThatThrownBy(() -> MapFactory.create(outer(MapType.HASH_OF_MAPS, null), region, 1))
        .hasMessage("map 'outer' does not say what its inner maps are (EINVAL)");
    MapSpec plain = MapSpec.of("inner", MapType.HASH, 4, 8, 10, 0);
    MapSpec nested = outer(MapType.ARRAY_OF_MAPS, plain);
    assertThatThrownBy(() -> MapFactory.create(outer(MapType.HASH_OF_MAPS, nested), region, 1))
        .hasMessage("map 'outer' cannot hold maps of type ARRAY_OF_MAPS (EINVAL)");
  }

  @Test
  void aQueueGivesTheOldestAndAStackTheNewest() throws MapException {
    for (MapType type : List.of(MapType.QUEUE, MapType.STACK)) {
      QueueMap map = (QueueMap) make(type, 0, 1, 2);
      assertThat(map.pop()).isNull();
      assertThat(map.put(new byte[0], new byte[] {1}, 0)).isZero();
      assertThat(map.put(new byte[0], new byte[] {2}, 0)).isZero();
      assertThat(map.put(new byte[0], new byte[] {3}, 0)).isEqualTo(Errno.E2BIG);
      assertThat(map.put(new byte[0], new byte[] {3}, BpfMap.EXIST)).isZero();
      int first = type == MapType.QUEUE ? 2 : 3;
      assertThat(map.get(new byte[0])).containsExactly(first);
      assertThat(map.pop()).containsExactly(first);
      assertThat(map.pop()).containsExactly(5 - first);
    }
  }

  @Test
  void aBloomFilterMayContainWhatWasPushed() throws MapException {
    BloomFilterMap map = (BloomFilterMap) make(MapType.BLOOM_FILTER, 0, 4, 1000);
    for (int i = 0; i < 1000; i++) {
      assertThat(map.put(new byte[0], BpfMap.indexKey(i), 0)).isZero();
    }
    int wrong = 0;
    for (int i = 0; i < 1000; i++) {
      assertThat(map.mayContain(BpfMap.indexKey(i))).isTrue();
      wrong += map.mayContain(BpfMap.indexKey(i + 100_000)) ? 1 : 0;
    }
    assertThat(wrong).isLessThan(150);
  }
}
