package org.xdp4j.bpf.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xdp4j.bpf.map.MapCommands.Answer;
import org.xdp4j.bpf.map.MapCommands.Batch;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.oracle.BoundThread;
import org.xdp4j.bpf.oracle.KernelCommands;
import org.xdp4j.bpf.oracle.KernelMap;
import org.xdp4j.bpf.oracle.KernelOracle;
import org.xdp4j.testing.Covers;

/**
 * Every command of bpf(2) on every type of map, generated, against the running kernel: same
 * results, same errors, and same order where the kernel has one of its own, which a hash has not:
 * its buckets depend on its seed.
 */
class MapOracleTest {
  private static final int OPERATIONS = Integer.getInteger("xdp4j.map.operations", 3000);

  private static final Map<MapType, Integer> COMPARED = new TreeMap<>();

  static Stream<MapSpec> maps() {
    return Stream.of(MapShapes.small(), MapShapes.withoutOwnKeys(), MapShapes.guarded())
        .flatMap(shapes -> shapes);
  }

  @BeforeEach
  void needsTheKernel() {
    KernelOracle.assumeAvailable();
  }

  @AfterAll
  static void count() {
    int all = COMPARED.values().stream().mapToInt(i -> i).sum();
    System.out.printf(
        "map commands and the kernel: %d on %d types of map, 0 differences%n",
        all, COMPARED.size());
  }

  @Covers({
    "HASH",
    "ARRAY",
    "PROG_ARRAY",
    "PERF_EVENT_ARRAY",
    "PERCPU_HASH",
    "PERCPU_ARRAY",
    "LRU_HASH",
    "LRU_PERCPU_HASH",
    "LPM_TRIE",
    "DEVMAP",
    "DEVMAP_HASH",
    "CPUMAP",
    "XSKMAP",
    "QUEUE",
    "STACK",
    "BLOOM_FILTER",
    "RINGBUF",
    "USER_RINGBUF"
  })
  @ParameterizedTest
  @MethodSource("maps")
  void answersAsTheKernelDoes(MapSpec spec) throws Exception {
    BoundThread.run(() -> agree(spec));
  }

  private static void agree(MapSpec spec) throws MapException {
    BoundThread.moveTo(0);
    try (Region region = Region.reserve(1 << 24);
        KernelMap kernel = KernelMap.create(spec)) {
      BpfMap map = MapFactory.create(spec, region, KernelOracle.possibleCpus());
      Pair pair = new Pair(map, kernel, new Random(7));
      for (int i = 0; i < OPERATIONS; i++) {
        pair.step(i);
      }
      pair.end();
      COMPARED.merge(spec.type(), OPERATIONS, Integer::sum);
    }
  }

  /** The same map here and in the kernel. */
  private static final class Pair {
    final MapSpec spec;
    final MapCommands ours;
    final KernelCommands kernel;
    final Random random;
    final boolean ordered;
    final int cpus = KernelOracle.possibleCpus();
    String step = "";
    byte[] last;

    Pair(BpfMap map, KernelMap kernel, Random random) {
      this.spec = map.spec();
      this.ours = new MapCommands(map);
      this.kernel = new KernelCommands(kernel);
      this.random = random;
      this.ordered = map.hashed() == null && spec.type() != MapType.DEVMAP_HASH;
    }

    byte[] key() {
      return MapShapes.key(spec, random);
    }

    byte[] value() {
      return MapShapes.value(spec, cpus, random);
    }

    /** Mostly good ones. */
    long flags() {
      return random.nextInt(10) == 0 ? random.nextInt(-1, 10) : random.nextInt(10) / 7;
    }

    long lockFlags() {
      return random.nextInt(12) == 0 ? random.nextInt(9) : 0;
    }

    void step(int i) {
      int kind = random.nextInt(16);
      step = "%s step %d kind %d".formatted(spec, i, kind);
      switch (kind) {
        case 0, 1 -> {
          byte[] k = key();
          assertThat(ours.delete(k)).as(step).isEqualTo(kernel.delete(k));
        }
        case 2, 3, 4 -> lookup(key(), lockFlags());
        case 5 -> {
          byte[] k = key();
          long flags = lockFlags();
          same(ours.lookupAndDelete(k, flags), kernel.lookupAndDelete(k, flags));
        }
        case 6 -> nextKey(random.nextInt(4) == 0 ? null : random.nextBoolean() ? last : key());
        case 7 -> readBatch();
        case 8 -> writeBatch();
        default -> {
          byte[] k = key();
          byte[] v = value();
          long flags = flags();
          assertThat(ours.update(k, v, flags)).as(step).isEqualTo(kernel.update(k, v, flags));
        }
      }
    }

    void lookup(byte[] key, long flags) {
      if (spec.type() != MapType.BLOOM_FILTER) {
        same(ours.lookup(key, flags), kernel.lookup(key, flags));
      }
    }

    void nextKey(byte[] key) {
      Answer expected = kernel.nextKey(key);
      Answer actual = ours.nextKey(key);
      last = expected.bytes();
      if (ordered) {
        same(actual, expected);
      } else if (key == null) {
        assertThat(actual.error()).as(step).isEqualTo(expected.error());
      }
    }

    void readBatch() {
      boolean delete = random.nextInt(3) == 0;
      long flags = lockFlags();
      if (!ordered) {
        // Which keys a part has, buckets decide; the whole is the same.
        int room = random.nextInt(8) == 0 ? 0 : 4096;
        byte[] beyond = random.nextInt(16) == 0 ? BpfMap.indexKey(1 << 20) : null;
        Batch expected =
            delete
                ? kernel.lookupAndDeleteBatch(beyond, room, flags)
                : kernel.lookupBatch(beyond, room, flags);
        Batch actual =
            delete
                ? ours.lookupAndDeleteBatch(beyond, room, flags)
                : ours.lookupBatch(beyond, room, flags);
        assertThat(actual.error()).as(step).isEqualTo(expected.error());
        assertThat(entries(actual)).as(step).isEqualTo(entries(expected));
        return;
      }
      int count = random.nextInt(6);
      byte[] from = random.nextBoolean() ? null : key();
      Batch expected =
          delete
              ? kernel.lookupAndDeleteBatch(from, count, flags)
              : kernel.lookupBatch(from, count, flags);
      Batch actual =
          delete
              ? ours.lookupAndDeleteBatch(from, count, flags)
              : ours.lookupBatch(from, count, flags);
      assertThat(actual.error()).as(step).isEqualTo(expected.error());
      assertThat(actual.count()).as(step).isEqualTo(expected.count());
      assertThat(inOrder(actual)).as(step).isEqualTo(inOrder(expected));
      if (actual.cursor() != null) {
        assertThat(actual.cursor()).as(step).isEqualTo(expected.cursor());
      }
    }

    void writeBatch() {
      List<byte[]> keys = new ArrayList<>();
      List<byte[]> values = new ArrayList<>();
      for (int n = random.nextInt(5); n > 0; n--) {
        keys.add(key());
        values.add(value());
      }
      long flags = lockFlags();
      boolean delete = random.nextInt(3) == 0;
      Batch expected =
          delete ? kernel.deleteBatch(keys, flags) : kernel.updateBatch(keys, values, flags);
      Batch actual = delete ? ours.deleteBatch(keys, flags) : ours.updateBatch(keys, values, flags);
      assertThat(actual.error()).as(step).isEqualTo(expected.error());
      assertThat(actual.count()).as(step).isEqualTo(expected.count());
    }

    void same(Answer actual, Answer expected) {
      assertThat(actual.error()).as(step).isEqualTo(expected.error());
      assertThat(actual.bytes()).as(step).isEqualTo(expected.bytes());
    }

    /** All keys by the walk and by small batches; then the map is frozen. */
    void end() {
      step = spec + " at the end";
      List<String> walked = walk(ours::nextKey);
      List<String> expected = walk(kernel::nextKey);
      if (!ordered) {
        walked.sort(null);
        expected.sort(null);
      }
      assertThat(walked).as(step).isEqualTo(expected);
      if (!ordered && spec.type() != MapType.DEVMAP_HASH) {
        assertThat(parts()).as(step).isEqualTo(entries(kernel.lookupBatch(null, 4096, 0)));
      }
      assertThat(ours.freeze()).as(step).isEqualTo(kernel.freeze());
      assertThat(ours.freeze()).as(step).isEqualTo(kernel.freeze());
      for (int i = 0; i < 50; i++) {
        step(OPERATIONS + i);
      }
    }

    private List<String> walk(java.util.function.Function<byte[], Answer> next) {
      List<String> keys = new ArrayList<>();
      Answer at = next.apply(null);
      while (at.error() == 0 && keys.size() < 10_000) {
        keys.add(Arrays.toString(at.bytes()));
        at = next.apply(at.bytes());
      }
      keys.add("then " + at.error());
      return keys;
    }

    /** As libbpf's users read a hash: a larger batch whenever a bucket does not fit. */
    private Map<String, String> parts() {
      Map<String, String> all = new TreeMap<>();
      byte[] cursor = null;
      int room = 1;
      Batch part;
      do {
        part = ours.lookupBatch(cursor, room, 0);
        room += part.error() == Errno.ENOSPC ? 1 : 0;
        all.putAll(entries(part));
        cursor = part.cursor() == null ? cursor : part.cursor();
      } while (part.error() != Errno.ENOENT && part.error() != Errno.EPERM);
      return all;
    }

    private static Map<String, String> entries(Batch batch) {
      Map<String, String> entries = new TreeMap<>();
      for (int i = 0; i < batch.count(); i++) {
        String key = Arrays.toString(batch.keys().get(i));
        assertThat(entries.put(key, Arrays.toString(batch.values().get(i)))).as(key).isNull();
      }
      return entries;
    }

    private static List<String> inOrder(Batch batch) {
      List<String> entries = new ArrayList<>();
      for (int i = 0; i < batch.count(); i++) {
        entries.add(
            Arrays.toString(batch.keys().get(i)) + "=" + Arrays.toString(batch.values().get(i)));
      }
      return entries;
    }
  }
}
