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
    return new LpmTrieMap(spec(), new MapMemory(region, MapBudget.unlimited()), flats);
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
