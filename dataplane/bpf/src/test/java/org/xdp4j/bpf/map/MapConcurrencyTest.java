package org.xdp4j.bpf.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.xdp4j.bpf.memory.Region;

/** Workers and a reader on one map at once: bounded in operations, not in time. */
class MapConcurrencyTest {
  private static final int WORKERS = 4;
  private static final int OPERATIONS = 60_000;
  private static final int KEY_SIZE = 24;

  /** Bytes of a value that is written word by word. */
  private static final int LONG = 64;

  private final Region region = Region.reserve(1 << 26);

  @AfterEach
  void close() {
    region.close();
  }

  private static void run(List<Callable<Void>> jobs) throws Exception {
    try (ExecutorService pool = Executors.newFixedThreadPool(jobs.size())) {
      for (Future<Void> job : pool.invokeAll(jobs)) {
        job.get();
      }
    }
  }

  /** All three words of a key, and its value, are the same number: a mixture shows. */
  private void writeNumber(long at, int size, long number) {
    for (int i = 0; i < size; i += 8) {
      region.segment().set(Region.LONG, at + i, number);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = MapType.class,
      names = {"HASH", "LRU_HASH", "PERCPU_HASH", "LRU_PERCPU_HASH"})
  void keysAreNeverTornNorDoubled(MapType type) throws Exception {
    BpfMap map = MapFactory.create(MapSpec.of("m", type, KEY_SIZE, 8, 64, 0), region, WORKERS);
    AtomicInteger running = new AtomicInteger(WORKERS);
    List<Callable<Void>> jobs = new ArrayList<>();
    for (int w = 0; w < WORKERS; w++) {
      int cpu = w;
      jobs.add(() -> churn(map, cpu, running));
    }
    jobs.add(
        () -> {
          while (running.get() > 0) {
            checkKeys(map);
          }
          return null;
        });
    run(jobs);
    assertThat(checkKeys(map)).isLessThanOrEqualTo(64);
  }

  private Void churn(BpfMap map, int cpu, AtomicInteger running) {
    long key = region.allocate(KEY_SIZE, 8);
    long value = region.allocate(8, 8);
    Random random = new Random(cpu);
    try {
      for (int i = 0; i < OPERATIONS; i++) {
        writeNumber(key, KEY_SIZE, random.nextInt(100));
        writeNumber(value, 8, region.segment().get(Region.LONG, key));
        switch (random.nextInt(4)) {
          case 0 -> map.delete(key);
          case 1 -> map.lookup(key, cpu);
          default -> {
            long done = map.update(key, value, BpfMap.ANY, cpu);
            assertThat(done).isIn(0L, (long) Errno.E2BIG);
            assertThat(map.spec().type().name().startsWith("LRU") && done != 0).isFalse();
          }
        }
      }
    } finally {
      running.decrementAndGet();
    }
    return null;
  }

  private int checkKeys(BpfMap map) {
    List<Byte> seen = new ArrayList<>();
    for (byte[] key : map.keys()) {
      assertThat(key[0]).isEqualTo(key[8]).isEqualTo(key[16]);
      byte[] value = map.get(key);
      assertThat(value == null || isNumberOrZero(value, 8, key[0])).isTrue();
      seen.add(key[0]);
    }
    return seen.size();
  }

  @Test
  void aKeyThatStaysIsAlwaysFoundWhileOthersComeAndGo() throws Exception {
    BpfMap map =
        MapFactory.create(MapSpec.of("m", MapType.HASH, KEY_SIZE, 8, 8, 0), region, WORKERS);
    long constant = region.allocate(KEY_SIZE, 8);
    writeNumber(constant, KEY_SIZE, 1000);
    long one = region.allocate(8, 8);
    writeNumber(one, 8, 1000);
    assertThat(map.update(constant, one, 0, 0)).isZero();
    AtomicInteger running = new AtomicInteger(WORKERS - 1);
    List<Callable<Void>> jobs = new ArrayList<>();
    for (int w = 0; w < WORKERS - 2; w++) {
      int cpu = w;
      jobs.add(() -> churn(map, cpu, running));
    }
    jobs.add(
        () -> {
          for (int i = 0; i < OPERATIONS; i++) {
            assertThat(map.update(constant, one, BpfMap.EXIST, WORKERS - 1)).isZero();
          }
          running.decrementAndGet();
          return null;
        });
    jobs.add(
        () -> {
          while (running.get() > 0) {
            assertThat(map.lookup(constant, WORKERS - 2)).isNotZero();
          }
          return null;
        });
    run(jobs);
  }

  /** Values of a per-CPU map are the number, too, or zero where no update was made. */
  private static boolean isNumberOrZero(byte[] value, int size, byte number) {
    for (int at = 0; at < value.length; at += size) {
      if (value[at] != number && value[at] != 0) {
        return false;
      }
    }
    return true;
  }

  @ParameterizedTest
  @EnumSource(
      value = MapType.class,
      names = {"HASH", "PERCPU_HASH"})
  void aWalkSeesEveryKeyThatStaysOnceAndNoneTorn(MapType type) throws Exception {
    int staying = 20;
    BpfMap map = MapFactory.create(MapSpec.of("m", type, KEY_SIZE, 8, 64, 0), region, WORKERS);
    long key = region.allocate(KEY_SIZE, 8);
    long value = region.allocate(8, 8);
    for (int number = 100; number < 100 + staying; number++) {
      writeNumber(key, KEY_SIZE, number);
      writeNumber(value, 8, number);
      assertThat(map.update(key, value, BpfMap.NOEXIST, 0)).isZero();
    }
    AtomicInteger running = new AtomicInteger(WORKERS - 2);
    List<Callable<Void>> jobs = new ArrayList<>();
    for (int w = 0; w < WORKERS - 2; w++) {
      int cpu = w;
      jobs.add(() -> churn(map, cpu, running));
    }
    MapCommands commands = new MapCommands(map);
    Callable<Void> batches =
        () -> {
          while (running.get() > 0) {
            List<Byte> seen = new ArrayList<>();
            byte[] cursor = null;
            MapCommands.Batch batch;
            do {
              batch = commands.lookupBatch(cursor, 64, 0);
              cursor = batch.cursor();
              for (int i = 0; i < batch.count(); i++) {
                byte[] k = batch.keys().get(i);
                assertThat(k[0]).isEqualTo(k[8]).isEqualTo(k[16]);
                assertThat(isNumberOrZero(batch.values().get(i), 8, k[0])).isTrue();
                seen.add(k[0]);
              }
            } while (batch.error() == 0);
            assertThat(seen.stream().filter(k -> k >= 100 || k < 0).count()).isEqualTo(staying);
          }
          return null;
        };
    Callable<Void> steps =
        () -> {
          while (running.get() > 0) {
            MapCommands.Answer next = commands.nextKey(null);
            for (int i = 0; i < 200 && next.error() == 0; i++) {
              byte[] k = next.bytes();
              assertThat(k[0]).isEqualTo(k[8]).isEqualTo(k[16]);
              next = commands.nextKey(k);
            }
          }
          return null;
        };
    jobs.add(batches);
    jobs.add(steps);
    run(jobs);
  }

  /** Long values are read whole by user space: with the key's lock, or of an element as it was. */
  @ParameterizedTest
  @CsvSource({"HASH, 0", "HASH, 1", "LRU_HASH, 0", "LPM_TRIE, 1", "ARRAY, 0"})
  void aReaderLosesNoKeyAndEndsWhileValuesAreReplaced(MapType type, int flags) throws Exception {
    int staying = 16;
    int keySize = type == MapType.LPM_TRIE ? 8 : 4;
    int entries = type == MapType.ARRAY ? staying : 2048;
    BpfMap map =
        MapFactory.create(MapSpec.of("m", type, keySize, LONG, entries, flags), region, WORKERS);
    MapCommands commands = new MapCommands(map);
    for (int number = 0; number < staying; number++) {
      assertThat(commands.update(stayingKey(type, number), longValue(number, 0), 0)).isZero();
    }
    AtomicInteger running = new AtomicInteger(WORKERS - 2);
    AtomicInteger reads = new AtomicInteger();
    List<Callable<Void>> jobs = new ArrayList<>();
    for (int w = 0; w < WORKERS - 2; w++) {
      int worker = w;
      jobs.add(
          () -> {
            try {
              replace(map, type, worker, staying);
            } finally {
              running.decrementAndGet();
            }
            return null;
          });
    }
    for (boolean batches : new boolean[] {true, false}) {
      jobs.add(
          () -> {
            while (running.get() > 0) {
              Set<Integer> seen = new HashSet<>();
              reads.addAndGet(
                  batches ? readBatches(commands, type, seen) : readKeys(commands, type, seen));
              assertThat(seen).as(batches ? "batches" : "keys").hasSize(staying);
            }
            return null;
          });
    }
    run(jobs);
    assertThat(reads.get()).isPositive();
  }

  private static byte[] stayingKey(MapType type, int number) {
    return type == MapType.LPM_TRIE
        ? new byte[] {32, 0, 0, 0, 10, 0, 0, (byte) number}
        : BpfMap.indexKey(number);
  }

  private static byte[] longValue(int number, int version) {
    byte[] value = new byte[LONG];
    for (int at = 0; at < LONG; at += 8) {
      value[at] = (byte) number;
      value[at + 1] = (byte) version;
    }
    return value;
  }

  /** Replaces values of keys that stay, and adds and takes away others. */
  private void replace(BpfMap map, MapType type, int worker, int staying) {
    long key = region.allocate(8, 8);
    long value = region.allocate(LONG, 8);
    for (int i = 0; i < 30_000; i++) {
      boolean comes = i % 3 == 0 && type != MapType.ARRAY;
      int number = comes ? 100 + worker * 40 + i % 40 : (i + worker) % staying;
      byte[] bytes = stayingKey(type, number);
      MemorySegment.copy(bytes, 0, region.segment(), Region.BYTE, key, bytes.length);
      byte[] filled = longValue(number, i);
      MemorySegment.copy(filled, 0, region.segment(), Region.BYTE, value, LONG);
      if (comes && i % 2 == 0) {
        map.delete(key);
      } else {
        assertThat(map.update(key, value, BpfMap.ANY, worker)).isZero();
      }
    }
  }

  private static int readBatches(MapCommands commands, MapType type, Set<Integer> seen) {
    byte[] cursor = null;
    MapCommands.Batch batch;
    int reads = 0;
    do {
      batch = commands.lookupBatch(cursor, 512, 0);
      assertThat(batch.error()).isIn(0, Errno.ENOENT);
      cursor = batch.cursor();
      for (int i = 0; i < batch.count(); i++) {
        reads += checkValue(type, batch.keys().get(i), batch.values().get(i), seen);
      }
      assertThat(reads).as("a walk that does not end").isLessThan(1_000_000);
    } while (batch.error() == 0);
    return reads;
  }

  private static int readKeys(MapCommands commands, MapType type, Set<Integer> seen) {
    int reads = 0;
    // Steps start over when their key has gone, as in Linux: all that stays is looked up by key.
    MapCommands.Answer next = commands.nextKey(null);
    for (int i = 0; i < 4096 && next.error() == 0; i++) {
      MapCommands.Answer value = commands.lookup(next.bytes(), 0);
      if (value.error() == 0) {
        reads += checkValue(type, next.bytes(), value.bytes(), seen);
      }
      next = commands.nextKey(next.bytes());
    }
    for (int number = 0; number < 16; number++) {
      MapCommands.Answer value = commands.lookup(stayingKey(type, number), 0);
      assertThat(value.error()).isZero();
      reads += checkValue(type, stayingKey(type, number), value.bytes(), seen);
    }
    return reads;
  }

  /**
   * A value is of its key, and all of one write, but for those of arrays: they are written in
   * place.
   */
  private static int checkValue(MapType type, byte[] key, byte[] value, Set<Integer> seen) {
    int number = key[key.length == 8 ? 7 : 0] & 0xFF;
    for (int at = 0; at < LONG; at += 8) {
      assertThat(value[at] & 0xFF).as("the value's key").isEqualTo(number);
      if (type != MapType.ARRAY) {
        assertThat(value[at + 1]).as("a word of the value").isEqualTo(value[1]);
      }
    }
    if (number < 100) {
      seen.add(number);
    }
    return 1;
  }

  @ParameterizedTest
  @EnumSource(
      value = MapType.class,
      names = {"HASH", "LRU_HASH", "PERCPU_HASH", "LRU_PERCPU_HASH", "QUEUE"})
  void whatIsTakenOutIsTakenOnce(MapType type) throws Exception {
    int each = 5_000;
    boolean queue = type == MapType.QUEUE;
    MapSpec spec = MapSpec.of("m", type, queue ? 0 : 8, 8, 4 * each, 0);
    BpfMap map = MapFactory.create(spec, region, WORKERS);
    AtomicInteger producing = new AtomicInteger(2);
    AtomicInteger[] taken = new AtomicInteger[2 * each];
    java.util.Arrays.setAll(taken, i -> new AtomicInteger());
    List<Callable<Void>> jobs = new ArrayList<>();
    for (int w = 0; w < 2; w++) {
      int cpu = w;
      jobs.add(
          () -> {
            long at = region.allocate(16, 8);
            for (int i = 0; i < each; i++) {
              writeNumber(at, 16, (long) cpu * each + i);
              long done =
                  queue
                      ? ((QueueMap) map).push(at, 0)
                      : map.update(at, at + 8, BpfMap.NOEXIST, cpu);
              assertThat(done).isZero();
            }
            producing.decrementAndGet();
            return null;
          });
    }
    MapCommands commands = new MapCommands(map);
    jobs.add(
        () -> {
          boolean more = true;
          while (more) {
            more = producing.get() > 0;
            if (queue) {
              takeAll(commands, new byte[0], taken);
            } else {
              MapCommands.Batch batch = commands.lookupAndDeleteBatch(null, 4 * each, 0);
              batch.keys().forEach(k -> taken[ArrayOfMaps.number(k)].incrementAndGet());
            }
          }
          return null;
        });
    jobs.add(
        () -> {
          while (producing.get() > 0) {
            MapCommands.Answer first = queue ? null : commands.nextKey(null);
            if (queue) {
              takeAll(commands, new byte[0], taken);
            } else if (first.error() == 0) {
              takeAll(commands, first.bytes(), taken);
            }
          }
          return null;
        });
    run(jobs);
    MapCommands.Batch left = commands.lookupAndDeleteBatch(null, 4 * each, 0);
    left.keys().forEach(k -> taken[ArrayOfMaps.number(k)].incrementAndGet());
    takeAll(commands, queue ? new byte[0] : new byte[8], taken);
    assertThat(taken).allMatch(count -> count.get() == 1);
  }

  private static void takeAll(MapCommands commands, byte[] key, AtomicInteger[] taken) {
    MapCommands.Answer answer = commands.lookupAndDelete(key, 0);
    while (answer.error() == 0) {
      byte[] number = key.length == 0 ? answer.bytes() : key;
      taken[ArrayOfMaps.number(number)].incrementAndGet();
      answer = commands.lookupAndDelete(key, 0);
    }
  }

  @Test
  void everyElementIsThereAgainAfterTheChurn() throws Exception {
    BpfMap map =
        MapFactory.create(MapSpec.of("m", MapType.HASH, KEY_SIZE, 8, 64, 0), region, WORKERS);
    AtomicInteger running = new AtomicInteger(WORKERS);
    List<Callable<Void>> jobs = new ArrayList<>();
    for (int w = 0; w < WORKERS; w++) {
      int cpu = w;
      jobs.add(() -> churn(map, cpu, running));
    }
    run(jobs);
    List<byte[]> left = new ArrayList<>();
    map.keys().forEach(left::add);
    left.forEach(k -> assertThat(map.remove(k)).isZero());
    for (int i = 0; i < 64; i++) {
      byte[] key = new byte[KEY_SIZE];
      key[5] = (byte) i;
      assertThat(map.put(key, new byte[8], BpfMap.NOEXIST)).isZero();
    }
    assertThat(map.put(new byte[KEY_SIZE - 1], new byte[8], 0)).isEqualTo(Errno.EINVAL);
    byte[] more = new byte[KEY_SIZE];
    more[6] = 1;
    assertThat(map.put(more, new byte[8], 0)).isEqualTo(Errno.E2BIG);
  }

  @Test
  void prefixesAreFoundWhileOthersChange() throws Exception {
    MapSpec spec = MapSpec.of("m", MapType.LPM_TRIE, 8, 8, 1000, MapSpec.F_NO_PREALLOC);
    BpfMap map = MapFactory.create(spec, region, 1);
    map.put(new byte[] {8, 0, 0, 0, 10, 0, 0, 0}, new byte[] {8, 0, 0, 0, 0, 0, 0, 0}, 0);
    map.put(new byte[] {32, 0, 0, 0, 10, 1, 2, 3}, new byte[] {32, 0, 0, 0, 0, 0, 0, 0}, 0);
    AtomicInteger running = new AtomicInteger(1);
    Callable<Void> writer =
        () -> {
          Random random = new Random(1);
          for (int i = 0; i < OPERATIONS / 4; i++) {
            byte[] key = {
              (byte) random.nextInt(16, 32), 0, 0, 0, 10, (byte) (4 + random.nextInt(3)), 0, 7
            };
            map.put(key, new byte[8], 0);
            map.remove(key);
          }
          running.decrementAndGet();
          return null;
        };
    long whole = region.allocate(8, 8);
    map.fill(whole, new byte[] {32, 0, 0, 0, 10, 1, 2, 3});
    long outside = region.allocate(8, 8);
    map.fill(outside, new byte[] {32, 0, 0, 0, 10, 1, 2, 4});
    Callable<Void> reader =
        () -> {
          while (running.get() > 0) {
            assertThat(region.segment().get(Region.LONG, map.lookup(whole, 0))).isEqualTo(32);
            assertThat(region.segment().get(Region.LONG, map.lookup(outside, 0))).isEqualTo(8);
          }
          return null;
        };
    run(List.of(writer, reader, reader));
  }

  @Test
  void ringBufferRecordsArriveWholeAndInTheirProducersOrder() throws Exception {
    RingBufferMap ring =
        (RingBufferMap)
            MapFactory.create(MapSpec.of("r", MapType.RINGBUF, 0, 0, 4096, 0), region, 1);
    AtomicInteger running = new AtomicInteger(WORKERS);
    AtomicInteger sent = new AtomicInteger();
    AtomicInteger discarded = new AtomicInteger();
    List<Callable<Void>> jobs = new ArrayList<>();
    for (int w = 0; w < WORKERS; w++) {
      int producer = w;
      jobs.add(() -> produce(ring, producer, sent, discarded, running));
    }
    int[] last = new int[WORKERS];
    AtomicInteger received = new AtomicInteger();
    jobs.add(
        () -> {
          boolean more = true;
          while (more) {
            more = running.get() > 0;
            received.addAndGet(ring.poll((m, at, size) -> checkRecord(at, size, last)));
          }
          return null;
        });
    run(jobs);
    assertThat(received.get()).isEqualTo(sent.get());
    assertThat(sent.get() + discarded.get() + ring.dropped())
        .isEqualTo((long) WORKERS * OPERATIONS / 4);
  }

  private Void produce(
      RingBufferMap ring,
      int producer,
      AtomicInteger sent,
      AtomicInteger discarded,
      AtomicInteger running) {
    Random random = new Random(producer);
    for (int i = 1; i <= OPERATIONS / 4; i++) {
      int words = random.nextInt(1, 40);
      long record = ring.reserve(8L * words, 0);
      if (record != 0) {
        for (int k = 0; k < words; k++) {
          region.segment().set(Region.LONG, record + 8L * k, (long) producer << 32 | i);
        }
        boolean discard = random.nextInt(10) == 0;
        (discard ? discarded : sent).incrementAndGet();
        ring.commit(record, discard);
      }
    }
    running.decrementAndGet();
    return null;
  }

  private void checkRecord(long at, int size, int[] last) {
    long first = region.segment().get(Region.LONG, at);
    for (int i = 8; i < size; i += 8) {
      assertThat(region.segment().get(Region.LONG, at + i)).isEqualTo(first);
    }
    int producer = (int) (first >>> 32);
    assertThat((int) first).isGreaterThan(last[producer]);
    last[producer] = (int) first;
  }
}
