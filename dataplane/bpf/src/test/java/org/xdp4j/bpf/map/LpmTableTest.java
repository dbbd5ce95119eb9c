package org.xdp4j.bpf.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.memory.Region;

/** The table that IPv4 prefixes are read through says what a plain search of all of them says. */
class LpmTableTest {
  private static final int ENTRIES = 4096;

  private static MapSpec spec() throws MapException {
    return MapSpec.of("routes", MapType.LPM_TRIE, 8, 8, ENTRIES, MapSpec.F_NO_PREALLOC);
  }

  private static BpfMap map(Region region) throws MapException {
    return MapFactory.create(spec(), region, 1);
  }

  /** A map of whose nodes as many may be flat. */
  private static BpfMap map(Region region, int flats) throws MapException {
    return new LpmTrieMap(spec(), new MapMemory(region, MapBudget.unlimited()), 1, flats);
  }

  private static byte[] key(int address, int length) {
    return ByteBuffer.allocate(8)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(length)
        .putInt(Integer.reverseBytes(address))
        .array();
  }

  private static byte[] value(long number) {
    return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(number).array();
  }

  private static int mask(int length) {
    return length == 0 ? 0 : -1 << 32 - length;
  }

  /** Prefixes crowd in few places, so that they lie inside one another and change each other. */
  private static int address(SplittableRandom random) {
    int[] places = {0x0a000000, 0x0a010000, 0x0a0101ff, 0xc0a80000, 0xffffffff};
    int place = places[random.nextInt(places.length)];
    return place ^ random.nextInt() >>> 8 + random.nextInt(24);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, LpmTable.FLATS})
  void lookupsAgreeWithASearchOfAllPrefixesWhileTheyComeAndGo(int flats) throws Exception {
    SplittableRandom random = new SplittableRandom(7);
    try (Region region = Region.reserve(1 << 24)) {
      BpfMap map = map(region, flats);
      TreeMap<Long, Long> model = new TreeMap<>();
      for (int step = 0; step < 20_000; step++) {
        int length = random.nextInt(33);
        int address = address(random) & mask(length);
        long id = (long) length << 32 | address & 0xffff_ffffL;
        if (random.nextInt(5) < 3) {
          int done = map.put(key(address, length), value(step), 0);
          assertThat(done == 0).isEqualTo(model.containsKey(id) || model.size() < ENTRIES);
          if (done == 0) {
            model.put(id, (long) step);
          }
        } else {
          assertThat(map.remove(key(address, length)) == 0).isEqualTo(model.remove(id) != null);
        }
        for (int i = 0; i < 4; i++) {
          int asked = address(random);
          int bits = random.nextInt(4) == 0 ? random.nextInt(33) : 32;
          byte[] found = map.get(key(asked, bits));
          assertThat(
                  found == null
                      ? -1
                      : ByteBuffer.wrap(found).order(ByteOrder.LITTLE_ENDIAN).getLong())
              .as("step %d, %08x/%d", step, asked, bits)
              .isEqualTo(search(model, asked, bits));
        }
      }
      for (long id : model.keySet()) {
        assertThat(map.remove(key((int) id, (int) (id >>> 32)))).isZero();
      }
      assertThat(map.get(key(0x0a000001, 32))).isNull();
    }
  }

  private static long search(TreeMap<Long, Long> model, int address, int bits) {
    for (int length = bits; length >= 0; length--) {
      Long found = model.get((long) length << 32 | address & mask(length) & 0xffff_ffffL);
      if (found != null) {
        return found;
      }
    }
    return -1;
  }

  /** Flat nodes are left where the map's budget has no room for them, and prefixes have theirs. */
  @Test
  void aMapWithoutRoomForFlatNodesTakesAllItsPrefixesAllTheSame() throws Exception {
    try (Region region = Region.reserve(1 << 24)) {
      BpfMap roomy = map(region);
      MapBudget budget = new MapBudget(LpmTable.HEAP + 1024 * 1024);
      BpfMap tight = MapFactory.create(spec(), region, 1, budget);
      for (int i = 0; i < 1000; i++) {
        byte[] key = key(i << 16 | 0x8000, 17 + i % 16);
        assertThat(roomy.put(key, value(i), 0)).isZero();
        assertThat(tight.put(key, value(i), 0)).isZero();
      }
      for (int i = 0; i < 1000; i++) {
        assertThat(tight.get(key(i << 16 | 0x8000, 32))).isEqualTo(value(i));
        assertThat(roomy.get(key(i << 16 | 0x8000, 32))).isEqualTo(value(i));
      }
    }
  }

  private static LpmTrieMap large(Region region, MapBudget budget, int flats) throws MapException {
    MapSpec spec = MapSpec.of("large", MapType.LPM_TRIE, 8, 8, 1 << 20, MapSpec.F_NO_PREALLOC);
    return new LpmTrieMap(spec, new MapMemory(region, budget), 1, flats);
  }

  /** Routes of 24 bits, one in each of the first 2^16 addresses, then a second in each. */
  private static byte[] route(int number) {
    return key(number << 16 | number >>> 16 << 8, 24);
  }

  private static int fill(BpfMap map) {
    int routes = 0;
    while (map.put(route(routes), value(routes), 0) == 0) {
      routes++;
    }
    return routes;
  }

  @Test
  void anEmptyMapTakesNothingForNodesAndLeavesItToOtherMaps() throws Exception {
    try (Region region = Region.reserve(1 << 24)) {
      MapBudget budget = new MapBudget(LpmTable.HEAP + (1 << 20));
      LpmTrieMap routes = large(region, budget, LpmTable.FLATS);
      assertThat(budget.used()).isBetween((long) LpmTable.HEAP, LpmTable.HEAP + 64L);
      MapSpec rest = MapSpec.of("rest", MapType.ARRAY, 4, 8, (1 << 20) / 8 - 64, 0);
      MapFactory.create(rest, region, 1, budget).free();
      for (int i = 0; i < 200; i++) {
        assertThat(routes.put(route(i), value(i), 0)).isZero();
      }
      routes.free();
      assertThat(budget.used()).isZero();
    }
  }

  @Test
  void flatNodesLeaveHalfOfAllMemoryToOthers() throws Exception {
    try (Region region = Region.reserve(1 << 24)) {
      MapBudget roomy = new MapBudget(1L << 40);
      MapBudget budget = new MapBudget(4 << 20);
      MapBudget plain = new MapBudget(4 << 20);
      LpmTrieMap most = large(region, roomy, LpmTable.FLATS);
      LpmTrieMap some = large(region, budget, LpmTable.FLATS);
      LpmTrieMap none = large(region, plain, 0);
      for (int i = 0; i < 3000; i++) {
        for (BpfMap map : new BpfMap[] {most, some, none}) {
          assertThat(map.put(route(i), value(i), 0)).isZero();
        }
      }
      long packed = HeapAccount.array(LpmTable.FEW_LEAVES + 2, 4);
      assertThat(most.heapHeld() - none.heapHeld())
          .isEqualTo(3000L * (LpmTable.FLAT_HEAP - packed));
      assertThat(budget.used()).isGreaterThan(plain.used()).isLessThan(5 << 19);
      MapSpec another = MapSpec.of("another", MapType.ARRAY, 4, 8, (3 << 19) / 8, 0);
      assertThat(MapFactory.create(another, region, 1, budget)).isNotNull();
    }
  }

  /** What flat nodes took is given up for prefixes, and nothing is read differently for it. */
  @Test
  void aMapTakesAsManyPrefixesWithFlatNodesAsWithout() throws Exception {
    try (Region region = Region.reserve(1 << 24)) {
      MapBudget budget = new MapBudget(LpmTable.HEAP + (3 << 20));
      LpmTrieMap flat = large(region, budget, LpmTable.FLATS);
      LpmTrieMap packed = large(region, new MapBudget(budget.limit()), 0);
      int routes = fill(flat);
      assertThat(routes).isEqualTo(fill(packed)).isGreaterThan(10_000);
      for (int i = 0; i < routes; i++) {
        assertThat(flat.get(route(i))).isEqualTo(value(i));
      }
    }
  }

  @Test
  void flatNodesAreGivenBackWhenTheirPrefixesGo() throws Exception {
    try (Region region = Region.reserve(1 << 24)) {
      MapBudget budget = new MapBudget(1 << 30);
      LpmTrieMap flat = large(region, budget, LpmTable.FLATS);
      MapBudget plain = new MapBudget(1 << 30);
      LpmTrieMap packed = large(region, plain, 0);
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 500; i++) {
          assertThat(flat.put(route(i), value(i), 0)).isZero();
          assertThat(packed.put(route(i), value(i), 0)).isZero();
        }
        long small = HeapAccount.array(LpmTable.FEW_LEAVES + 2, 4);
        assertThat(flat.heapHeld() - packed.heapHeld())
            .isEqualTo(500L * (LpmTable.FLAT_HEAP - small));
        for (int i = 0; i < 500; i++) {
          assertThat(flat.remove(route(i))).isZero();
          assertThat(packed.remove(route(i))).isZero();
        }
        assertThat(flat.heapHeld()).isEqualTo(packed.heapHeld());
      }
    }
  }

  /** A node of so many routes that it is flat anyway is not one that memory was spared for. */
  @Test
  void aNodeThatHasToBeFlatCostsNothingExtra() throws Exception {
    try (Region region = Region.reserve(1 << 24)) {
      MapBudget budget = new MapBudget(1 << 30);
      LpmTrieMap flat = large(region, budget, LpmTable.FLATS);
      MapBudget plain = new MapBudget(1 << 30);
      LpmTrieMap packed = large(region, plain, 0);
      for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 256; i++) {
          assertThat(flat.put(key(0x0a010000 | i << 8, 24), value(i), 0)).isZero();
          assertThat(packed.put(key(0x0a010000 | i << 8, 24), value(i), 0)).isZero();
        }
        assertThat(flat.heapHeld()).isEqualTo(packed.heapHeld());
        for (int i = 255; i > 0; i--) {
          assertThat(flat.remove(key(0x0a010000 | i << 8, 24))).isZero();
          assertThat(packed.remove(key(0x0a010000 | i << 8, 24))).isZero();
        }
        assertThat(flat.heapHeld() - packed.heapHeld()).isBetween(900L, (long) LpmTable.FLAT_HEAP);
      }
    }
  }

  /** The lines that look-ups touch: of nodes, of leaves and of values, beside the upper table. */
  @Test
  void theFootprintCountsNodesAndPrefixes() throws Exception {
    try (Region region = Region.reserve(1 << 24)) {
      LpmTrieMap map = large(region, MapBudget.unlimited(), LpmTable.FLATS);
      long empty = map.reader().footprint();
      assertThat(empty).isEqualTo(512 << 10);
      map.put(key(0x0a010000, 24), value(1), 0);
      assertThat(map.reader().footprint() - empty).isEqualTo(3 * 64);
      map.put(key(0x0a010200, 24), value(1), 0);
      assertThat(map.reader().footprint() - empty).isEqualTo(5 * 64);
      map.put(key(0x0a010201, 32), value(1), 0);
      assertThat(map.reader().footprint() - empty).isEqualTo(8 * 64);
      map.remove(key(0x0a010201, 32));
      map.remove(key(0x0a010200, 24));
      map.remove(key(0x0a010000, 24));
      assertThat(map.reader().footprint()).isEqualTo(empty);
    }
  }

  /** A route is replaced by longer ones and back again: some route is always there. */
  @Test
  void aReaderNeverMissesBothAPrefixAndWhatReplacesIt() throws Exception {
    try (Region region = Region.reserve(1 << 24)) {
      BpfMap map = map(region);
      map.put(key(0x0a000000, 8), value(8), 0);
      AtomicBoolean end = new AtomicBoolean();
      AtomicLong missed = new AtomicLong();
      AtomicLong seen = new AtomicLong();
      long at = region.allocate(8, 8);
      region.segment().set(Region.LONG, at, 32 | (long) Integer.reverseBytes(0x0a010203) << 32);
      Thread reader =
          new Thread(
              () -> {
                while (!end.get()) {
                  long value = map.lookup(at, 0);
                  missed.addAndGet(value == 0 ? 1 : 0);
                  seen.incrementAndGet();
                }
              });
      reader.start();
      for (int round = 0; round < 3000 || seen.get() < 10_000; round++) {
        int[] lengths = {16, 24, 32, 20, 28, 8};
        int length = lengths[round % lengths.length];
        int before = lengths[(round + lengths.length - 1) % lengths.length];
        assertThat(map.put(key(0x0a010203 & mask(length), length), value(length), 0)).isZero();
        if (length != before) {
          map.remove(key(0x0a010203 & mask(before), before));
        }
      }
      end.set(true);
      reader.join();
      assertThat(missed.get()).isZero();
    }
  }
}
