package org.xdp4j.bpf.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.memory.Region;

/** The tree that keys of up to 16 bytes are read through says what a plain search says. */
class LpmPathsTest {
  private static final int ENTRIES = 3000;

  private static LpmTrieMap map(Region region, int dataSize, MapBudget budget) throws MapException {
    MapSpec spec =
        MapSpec.of("m", MapType.LPM_TRIE, 4 + dataSize, 8, ENTRIES, MapSpec.F_NO_PREALLOC);
    return (LpmTrieMap) MapFactory.create(spec, region, 1, budget);
  }

  private static byte[] key(byte[] data, int length) {
    ByteBuffer key = ByteBuffer.allocate(4 + data.length).order(ByteOrder.LITTLE_ENDIAN);
    return key.putInt(length).put(data).array();
  }

  private static byte[] value(long number) {
    return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(number).array();
  }

  private static long number(byte[] value) {
    return value == null ? -1 : ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  private static byte[] masked(byte[] data, int length) {
    byte[] masked = data.clone();
    for (int bit = length; bit < 8 * data.length; bit++) {
      masked[bit / 8] &= (byte) ~(0x80 >>> bit % 8);
    }
    return masked;
  }

  /** Keys begin alike and go apart anywhere: prefixes lie inside one another, and far below. */
  private static byte[] data(SplittableRandom random, int size) {
    byte[] data = new byte[size];
    int apart = random.nextInt(size + 1);
    for (int i = 0; i < size; i++) {
      data[i] = (byte) (i < apart ? 0x20 + i : random.nextInt(4) == 0 ? random.nextInt() : 0x40);
    }
    return data;
  }

  private static String id(byte[] data, int length) {
    return length + " " + Arrays.toString(masked(data, length));
  }

  private static long search(Map<String, Long> model, byte[] data, int bits) {
    for (int length = bits; length >= 0; length--) {
      Long found = model.get(id(data, length));
      if (found != null) {
        return found;
      }
    }
    return -1;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 5, 7, 8, 9, 12, 16})
  void lookupsAgreeWithASearchOfAllPrefixesWhileTheyComeAndGo(int size) throws Exception {
    SplittableRandom random = new SplittableRandom(size);
    try (Region region = Region.reserve(1 << 24)) {
      LpmTrieMap map = map(region, size, MapBudget.unlimited());
      Map<String, Long> model = new HashMap<>();
      List<byte[]> keys = new ArrayList<>();
      // It grows, shrinks to little, and grows again: nodes are made and folded.
      for (int step = 0; step < 12_000; step++) {
        boolean grows = step / 3000 % 2 == 0;
        if (keys.isEmpty() || random.nextInt(8) < (grows ? 6 : 1)) {
          byte[] data = data(random, size);
          int length = random.nextInt(8 * size + 1);
          boolean isNew = !model.containsKey(id(data, length));
          if (map.put(key(data, length), value(step), 0) == 0) {
            model.put(id(data, length), (long) step);
            if (isNew) {
              keys.add(key(masked(data, length), length));
            }
          }
        } else {
          byte[] key = keys.remove(random.nextInt(keys.size()));
          assertThat(map.remove(key)).isZero();
          model.remove(id(Arrays.copyOfRange(key, 4, key.length), key[0] & 0xFF));
        }
        assertLookupsAgree(map, model, random, size);
      }
      for (byte[] key : keys) {
        assertThat(map.remove(key)).isZero();
      }
      assertThat(map.pathReader().paths().root).isNull();
      assertThat(map.get(key(data(random, size), 8 * size))).isNull();
    }
  }

  private static void assertLookupsAgree(
      LpmTrieMap map, Map<String, Long> model, SplittableRandom random, int size) {
    for (int i = 0; i < 2; i++) {
      byte[] asked = data(random, size);
      int bits = random.nextInt(4) == 0 ? random.nextInt(8 * size + 1) : 8 * size;
      assertThat(number(map.get(key(asked, bits))))
          .as("%s/%d", Arrays.toString(asked), bits)
          .isEqualTo(search(model, asked, bits));
    }
  }

  private static final int[] FEW_BYTES = {0, 1, 0x40, 0x80, 0xFF};

  /** Keys of so few byte values that prefixes lie within prefixes and nodes within nodes. */
  private static byte[] ofFewBytes(SplittableRandom random, int size, int values) {
    byte[] data = new byte[size];
    for (int i = 0; i < size; i++) {
      data[i] = (byte) FEW_BYTES[random.nextInt(values)];
    }
    return data;
  }

  /** A map small enough that every key there is can be looked up after each change. */
  @ParameterizedTest
  @CsvSource({"1, 5, 40", "2, 5, 120", "3, 3, 200", "4, 2, 100", "6, 2, 150", "17, 1, 60"})
  void allLookupsOfFewByteValuesAgreeWithASearch(int size, int values, int most) throws Exception {
    SplittableRandom random = new SplittableRandom(31L * size + values);
    byte[][] all = new byte[60][];
    String[][] ids = new String[all.length][8 * size + 1];
    for (int i = 0; i < all.length; i++) {
      all[i] = ofFewBytes(random, size, values);
      for (int length = 0; length <= 8 * size; length++) {
        ids[i][length] = id(all[i], length);
      }
    }
    try (Region region = Region.reserve(1 << 24)) {
      LpmTrieMap map = map(region, size, MapBudget.unlimited());
      Map<String, Long> model = new HashMap<>();
      List<byte[]> keys = new ArrayList<>();
      for (int step = 0; step < 1500; step++) {
        boolean grows = keys.size() < (step / 300 % 2 == 0 ? most : most / 8);
        if (grows || random.nextInt(3) == 0) {
          byte[] data = ofFewBytes(random, size, values);
          int length = random.nextInt(8 * size + 1);
          if (!model.containsKey(id(data, length))) {
            keys.add(key(masked(data, length), length));
          }
          assertThat(map.put(key(data, length), value(step), 0)).isZero();
          model.put(id(data, length), (long) step);
        } else if (!keys.isEmpty()) {
          byte[] key = keys.remove(random.nextInt(keys.size()));
          assertThat(map.remove(key)).isZero();
          model.remove(id(Arrays.copyOfRange(key, 4, key.length), key[0] & 0xFF));
        }
        for (int i = 0; i < all.length; i++) {
          int bits = random.nextInt(8) == 0 ? random.nextInt(8 * size + 1) : 8 * size;
          Long expected = null;
          for (int length = bits; length >= 0 && expected == null; length--) {
            expected = model.get(ids[i][length]);
          }
          long found = number(map.get(key(all[i], bits)));
          if (found != (expected == null ? -1 : expected)) {
            fail("step %d, %s/%d: %d", step, Arrays.toString(all[i]), bits, found);
          }
        }
      }
      keys.forEach(map::remove);
      // A table keeps the nodes by the last byte that it had.
      assertThat(map.heapHeld() - map(region, size, MapBudget.unlimited()).heapHeld())
          .isLessThanOrEqualTo(size == 4 ? 4096 : 0);
    }
  }

  /** What is fetched ahead is only memory: any hint will do, of a thread of any number. */
  @Test
  void fetchingAheadFindsItsWayWhateverTheHints() throws Exception {
    SplittableRandom random = new SplittableRandom(5);
    try (Region region = Region.reserve(1 << 24)) {
      LpmTrieMap map = map(region, 16, MapBudget.unlimited());
      LpmPathReader reader = map.pathReader();
      long[] hints = new long[64];
      for (int step = 0; step < 300; step++) {
        map.put(key(data(random, 16), random.nextInt(129)), value(step), 0);
        for (int i = 0; i < hints.length; i++) {
          byte[] data = data(random, 16);
          long part = reader.hint(LpmPrefix.number(data, 0));
          hints[i] = i % 8 == 0 ? -1 : Prefetch.hint(i % 2, 0) | part;
        }
        long[] before = hints.clone();
        reader.fetch(hints, random.nextInt(65), 1, step % 5);
        for (int i = 0; i < hints.length; i++) {
          assertThat(Prefetch.isOf(hints[i], 1)).isEqualTo(Prefetch.isOf(before[i], 1));
          assertThat(Prefetch.isOf(hints[i], 1) || hints[i] == before[i]).isTrue();
        }
      }
    }
  }

  @Test
  void whatItTakesIsChargedAndGivenBack() throws Exception {
    try (Region region = Region.reserve(1 << 24)) {
      MapBudget budget = new MapBudget(1 << 19);
      LpmTrieMap map = map(region, 16, budget);
      int done = 0;
      SplittableRandom random = new SplittableRandom(1);
      while (map.put(key(data(random, 16), 128), value(done), 0) == 0 && done < ENTRIES) {
        done++;
      }
      assertThat(done).isBetween(1000, ENTRIES - 1);
      assertThat(budget.used()).isLessThanOrEqualTo(1 << 19);
      map.free();
      assertThat(budget.used()).isZero();
    }
  }

  /** Each prefix takes the place of another, longer or shorter: one is always there. */
  @Test
  void aReaderNeverMissesBothAPrefixAndWhatReplacesIt() throws Exception {
    try (Region region = Region.reserve(1 << 24)) {
      LpmTrieMap map = map(region, 16, MapBudget.unlimited());
      byte[] data = new byte[16];
      for (int i = 0; i < data.length; i++) {
        data[i] = (byte) (0x20 + i);
      }
      crowd(map, data);
      map.put(key(data, 8), value(8), 0);
      map.put(key(data, 20), value(20), 0);
      AtomicBoolean end = new AtomicBoolean();
      AtomicLong wrong = new AtomicLong();
      AtomicLong seen = new AtomicLong();
      long at = region.allocate(20, 8);
      region
          .segment()
          .asSlice(at, 20)
          .copyFrom(java.lang.foreign.MemorySegment.ofArray(key(data, 128)));
      Thread reader =
          new Thread(
              () -> {
                while (!end.get()) {
                  long value = map.lookup(at, 0);
                  long found = value == 0 ? 0 : region.segment().get(Region.LONG, value);
                  // Never the shortest: a longer one was there at every moment.
                  wrong.addAndGet(found <= 8 ? 1 : 0);
                  seen.incrementAndGet();
                }
              });
      reader.start();
      int[] lengths = {48, 128, 44, 64, 33, 47, 65, 20};
      for (int round = 0; round < 4000 || seen.get() < 10_000; round++) {
        int length = lengths[round % lengths.length];
        int before = lengths[(round + lengths.length - 1) % lengths.length];
        assertThat(map.put(key(data, length), value(length), 0)).isZero();
        map.remove(key(data, before));
      }
      end.set(true);
      reader.join();
      assertThat(wrong.get()).isZero();
    }
  }

  /**
   * A program's key may lie in a value that others change: whichever key an update takes, it is one
   * key, and the map remains whole.
   */
  @ParameterizedTest
  @ValueSource(ints = {4, 16, 24})
  void aKeyThatChangesWhileItIsUsedIsOneKeyOrAnother(int size) throws Exception {
    try (Region region = Region.reserve(1 << 24)) {
      LpmTrieMap map = map(region, size, MapBudget.unlimited());
      long at = region.allocate(64, 8);
      long value = region.allocate(8, 8);
      AtomicBoolean end = new AtomicBoolean();
      Thread changer =
          new Thread(
              () -> {
                for (long i = 0; !end.get(); i++) {
                  byte first = (byte) (i % 3);
                  region.segment().set(Region.BYTE, at + 4, first);
                  region.segment().set(Region.BYTE, at + 4 + size - 1, first);
                }
              });
      region.segment().set(Region.INT, at, 8 * size);
      changer.start();
      for (int i = 0; i < 100_000; i++) {
        assertThat(map.update(at, value, BpfMap.ANY, 0)).isZero();
        assertThat(map.delete(at)).isIn(0L, (long) Errno.ENOENT);
      }
      end.set(true);
      changer.join();
      for (byte[] key : map.keys()) {
        assertThat(map.get(key)).isNotNull();
        assertThat(map.remove(key)).as("it lies where its bytes say").isZero();
        assertThat(map.get(key)).isNull();
      }
      assertThat(map.keys()).isEmpty();
    }
  }

  /** Neighbours at every byte, so that there is a node for each. */
  private static void crowd(LpmTrieMap map, byte[] data) {
    for (int at = 2; at < 16; at++) {
      for (int i = 1; i <= 12; i++) {
        byte[] other = data.clone();
        other[at] += (byte) i;
        map.put(key(other, 8 * at + 8), value(1000), 0);
      }
    }
  }

  /** A prefix that two longer ones cover wholly is in no slot of a node that becomes a bucket. */
  @Test
  void aPrefixThatLongerOnesCoverIsFoundWhenTheyAreGone() throws MapException {
    try (Region region = Region.reserve(1 << 26)) {
      LpmTrieMap map = map(region, 16, MapBudget.unlimited());
      byte[] covered = start(9, 0x20, 0);
      map.put(covered, value(1), BpfMap.ANY);
      map.put(start(10, 0x20, 0), value(2), BpfMap.ANY);
      map.put(start(10, 0x20, 0x40), value(3), BpfMap.ANY);
      for (int i = 0; i < 8; i++) {
        map.put(start(16, 0x20, 0x80 + i), value(4 + i), BpfMap.ANY);
      }
      for (int i = 0; i < 6; i++) {
        assertThat(map.remove(start(16, 0x20, 0x80 + i))).isZero();
      }
      assertThat(map.remove(start(10, 0x20, 0))).isZero();
      assertThat(number(map.get(start(128, 0x20, 0x01)))).isEqualTo(1);
      assertThat(map.remove(start(10, 0x20, 0x40))).isZero();
      assertThat(number(map.get(start(128, 0x20, 0x41)))).isEqualTo(1);
      assertThat(map.remove(start(16, 0x20, 0x86))).isZero();
      assertThat(map.remove(start(16, 0x20, 0x87))).isZero();
      assertThat(map.remove(covered)).isZero();
      assertThat(map.get(start(128, 0x20, 0x01))).isNull();
    }
  }

  private static byte[] start(int length, int first, int second) {
    byte[] data = new byte[16];
    data[0] = (byte) first;
    data[1] = (byte) second;
    return key(data, length);
  }
}
