package org.xdp4j.bpf.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.memory.Region;

/** What every map promises, each rule on the smallest map that shows it. */
class MapBasicsTest {
  private final Region region = Region.reserve(1 << 22);

  @AfterEach
  void close() {
    region.close();
  }

  private BpfMap make(MapType type, int key, int value, int entries) throws MapException {
    return MapFactory.create(MapSpec.of("m", type, key, value, entries, 0), region, 3);
  }

  private static byte[] b(int... bytes) {
    byte[] copy = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      copy[i] = (byte) bytes[i];
    }
    return copy;
  }

  @Test
  void anArrayHasAllItsValuesAndKeepsThem() throws MapException {
    BpfMap map = make(MapType.ARRAY, 4, 3, 2);
    assertThat(map.get(b(1, 0, 0, 0))).containsExactly(0, 0, 0);
    assertThat(map.put(b(1, 0, 0, 0), b(7, 8, 9), BpfMap.NOEXIST)).isEqualTo(Errno.EEXIST);
    assertThat(map.put(b(2, 0, 0, 0), b(7, 8, 9), BpfMap.ANY)).isEqualTo(Errno.E2BIG);
    assertThat(map.put(b(1, 0, 0, 0), b(7, 8, 9), BpfMap.EXIST)).isZero();
    assertThat(map.get(b(1, 0, 0, 0))).containsExactly(7, 8, 9);
    assertThat(map.get(b(0, 0, 0, 0))).containsExactly(0, 0, 0);
    assertThat(map.remove(b(1, 0, 0, 0))).isEqualTo(Errno.EINVAL);
  }

  @Test
  void anArrayKnowsWhichOfItsValuesAreNotZero() throws MapException {
    for (int size : new int[] {1, 3, 8, 20}) {
      ArrayMap map = (ArrayMap) make(MapType.ARRAY, 4, size, 300);
      assertThat(map.nonZeroKeys()).isEmpty();
      byte[] last = new byte[size];
      last[size - 1] = -1;
      byte[] first = new byte[size];
      first[0] = 1;
      assertThat(map.put(b(0, 0, 0, 0), last, 0)).isZero();
      assertThat(map.put(b(7, 0, 0, 0), first, 0)).isZero();
      assertThat(map.put(b(0x2b, 1, 0, 0), last, 0)).isZero();
      assertThat(map.nonZeroKeys()).containsExactly(b(0, 0, 0, 0), b(7, 0, 0, 0), b(0x2b, 1, 0, 0));
      assertThat(map.put(b(7, 0, 0, 0), new byte[size], 0)).isZero();
      assertThat(map.nonZeroKeys()).containsExactly(b(0, 0, 0, 0), b(0x2b, 1, 0, 0));
      map.free();
    }
  }

  @Test
  void aFullHashRefusesNewKeysButUpdatesOldOnes() throws MapException {
    BpfMap map = make(MapType.HASH, 5, 4, 2);
    assertThat(map.put(b(1, 1, 1, 1, 1), b(1, 0, 0, 0), 0)).isZero();
    assertThat(map.put(b(2, 1, 1, 1, 1), b(2, 0, 0, 0), 0)).isZero();
    assertThat(map.put(b(3, 1, 1, 1, 1), b(3, 0, 0, 0), 0)).isEqualTo(Errno.E2BIG);
    assertThat(map.put(b(2, 1, 1, 1, 1), b(9, 0, 0, 0), 0)).isZero();
    assertThat(map.get(b(2, 1, 1, 1, 1))).containsExactly(9, 0, 0, 0);
    assertThat(map.remove(b(2, 1, 1, 1, 1))).isZero();
    assertThat(map.remove(b(2, 1, 1, 1, 1))).isEqualTo(Errno.ENOENT);
    assertThat(map.put(b(3, 1, 1, 1, 1), b(3, 0, 0, 0), BpfMap.EXIST)).isEqualTo(Errno.ENOENT);
    assertThat(map.put(b(3, 1, 1, 1, 1), b(3, 0, 0, 0), BpfMap.NOEXIST)).isZero();
    List<byte[]> keys = new ArrayList<>();
    map.keys().forEach(keys::add);
    assertThat(keys).containsExactlyInAnyOrder(b(1, 1, 1, 1, 1), b(3, 1, 1, 1, 1));
  }

  @Test
  void eachCpuHasItsOwnValue() throws MapException {
    for (MapType type : List.of(MapType.PERCPU_ARRAY, MapType.PERCPU_HASH)) {
      BpfMap map = make(type, 4, 2, 2);
      long key = region.allocate(8, 8);
      long value = region.allocate(8, 8);
      region.segment().set(Region.SHORT, value, (short) 0x0102);
      assertThat(map.update(key, value, 0, 1)).isZero();
      assertThat(map.get(b(0, 0, 0, 0))).containsExactly(0, 0, 2, 1, 0, 0);
      assertThat(map.lookup(key, 1)).isNotEqualTo(map.lookup(key, 2)).isNotZero();
      assertThat(map.put(b(0, 0, 0, 0), b(5, 6), 0)).isZero();
      assertThat(map.get(b(0, 0, 0, 0))).containsExactly(5, 6, 5, 6, 5, 6);
    }
  }

  @Test
  void aMapIsFoundByItsAddressUntilItIsFreed() throws MapException {
    BpfMap map = make(MapType.ARRAY, 4, 4, 1);
    assertThat(BpfMap.at(region, map.address())).isSameAs(map);
    map.free();
    assertThatThrownBy(() -> BpfMap.at(region, map.address()))
        .isInstanceOf(IllegalStateException.class);
  }
}
