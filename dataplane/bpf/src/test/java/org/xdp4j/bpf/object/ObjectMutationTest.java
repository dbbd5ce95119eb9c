package org.xdp4j.bpf.object;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.btf.BtfPrinter;
import org.xdp4j.bpf.map.MapSpec;

/**
 * Objects with bytes changed, cut off or put together from others: each is read, or refused with
 * one sentence, within a second and within the documented memory.
 */
class ObjectMutationTest {
  private static final int MUTANTS = 60_000;
  private static final long SEED = 0x0b1ec7;

  /** A mutant that hangs must not hang the build; processor time is what is held to a second. */
  private static final long WATCHDOG_SECONDS = 60;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @Test
  void mutatedObjectsAreReadOrRefusedQuicklyAndFrugally() throws Exception {
    List<byte[]> objects = objects();
    Outcome total = new Outcome();
    try (ExecutorService reader = Executors.newSingleThreadExecutor()) {
      SplittableRandom random = new SplittableRandom(SEED);
      for (int i = 0; i < MUTANTS; i++) {
        byte[] mutant = mutate(objects, random);
        int number = i;
        Future<?> run = reader.submit(() -> total.add(number, mutant));
        run.get(WATCHDOG_SECONDS, TimeUnit.SECONDS);
      }
    }
    System.getLogger(getClass().getName())
        .log(
            System.Logger.Level.INFO,
            "{0} mutated objects: {1} read, {2} refused, slowest {3} ms",
            MUTANTS,
            total.read,
            total.refused,
            total.slowest / 1_000_000);
    assertThat(total.read + total.refused).isEqualTo(MUTANTS);
    assertThat(total.slowest).isLessThan(1_000_000_000L);
    assertThat(total.read).isPositive();
    assertThat(total.refused).isPositive();
  }

  private static List<byte[]> objects() throws IOException {
    List<byte[]> objects = new ArrayList<>();
    for (Path filter : Samples.filters()) {
      objects.add(Files.readAllBytes(filter));
    }
    objects.add(Samples.pass().build());
    objects.add(Samples.everything().build());
    return objects;
  }

  /** What became of the mutants; used by the reading thread only, and read when it is done. */
  private static final class Outcome {
    int read;
    int refused;
    long slowest;

    void add(int number, byte[] mutant) {
      long allocated = THREADS.getCurrentThreadAllocatedBytes();
      long start = THREADS.getCurrentThreadCpuTime();
      try {
        BpfObject object = ObjectReader.read("mutant.o", mutant);
        check(allocated, mutant);
        decode(object);
        read++;
      } catch (ObjectException e) {
        check(allocated, mutant);
        assertThat(e.getMessage())
            .as("mutant %d", number)
            .startsWith("mutant.o: ")
            .contains("offset 0x")
            .doesNotContain("\n");
        refused++;
      } catch (RuntimeException | Error e) {
        throw new AssertionError("mutant " + number, e);
      }
      slowest = Math.max(slowest, THREADS.getCurrentThreadCpuTime() - start);
    }

    private static void check(long before, byte[] mutant) {
      long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
      assertThat(allocated).isLessThan(ObjectReader.allocationLimit(mutant.length));
    }

    private static void decode(BpfObject object) {
      for (MapSpec map : object.maps()) {
        byte[] value = map.data() != null ? map.data() : new byte[64];
        BtfPrinter.text(object.btf(), map.valueBtf(), value);
        BtfPrinter.json(object.btf(), map.valueBtf(), value);
      }
    }
  }

  private static byte[] mutate(List<byte[]> objects, SplittableRandom random) {
    byte[] mutant = objects.get(random.nextInt(objects.size())).clone();
    switch (random.nextInt(8)) {
      case 0 -> mutant = Arrays.copyOf(mutant, random.nextInt(mutant.length));
      case 1 -> mutant = splice(mutant, objects.get(random.nextInt(objects.size())), random);
      case 2 -> flipHeaders(mutant, random);
      default -> {}
    }
    int changes = random.nextInt(5);
    for (int i = 0; i < changes && mutant.length > 8; i++) {
      change(mutant, random);
    }
    return mutant;
  }

  private static byte[] splice(byte[] front, byte[] back, SplittableRandom random) {
    int at = random.nextInt(Math.min(front.length, back.length));
    byte[] result = back.clone();
    System.arraycopy(front, 0, result, 0, at);
    return result;
  }

  /** Changes a word of the section header table, where lies do most harm. */
  private static void flipHeaders(byte[] mutant, SplittableRandom random) {
    int table = (int) Math.min(mutant.length - 8L, word(mutant, 40));
    int at = table + random.nextInt(mutant.length - table - 7) & -4;
    write(mutant, at, interesting(random));
  }

  private static void change(byte[] mutant, SplittableRandom random) {
    int at = random.nextInt(mutant.length - 4);
    switch (random.nextInt(4)) {
      case 0 -> mutant[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> mutant[at] = (byte) random.nextInt(256);
      case 2 -> write(mutant, at & -4, interesting(random));
      default -> System.arraycopy(mutant, random.nextInt(mutant.length - 4), mutant, at, 4);
    }
  }

  private static int interesting(SplittableRandom random) {
    int[] words = {0, 1, -1, 7, 8, 0x7fffffff, 0x80000000, 0xffff, 0x10000, 0xeb9f, 1 << 24};
    int word = words[random.nextInt(words.length)];
    return random.nextBoolean() ? word : random.nextInt(4096);
  }

  private static long word(byte[] bytes, int at) {
    long word = 0;
    for (int i = 3; i >= 0; i--) {
      word = word << 8 | bytes[at + i] & 0xff;
    }
    return word;
  }

  private static void write(byte[] bytes, int at, int word) {
    for (int i = 0; i < 4 && at + i < bytes.length; i++) {
      bytes[at + i] = (byte) (word >>> 8 * i);
    }
  }
}
