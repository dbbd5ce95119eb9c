package org.xdp4j.bpf.map;

import org.xdp4j.bpf.memory.Region;

/**
 * Where a hash map keeps what it keeps: the value of element e that belongs to CPU c is at {@code
 * values + e * stride + c * cpuStride}. A record for the reason that {@link HashReader} is one.
 *
 * @param reader finds elements
 * @param values address of element 0's value
 * @param stride bytes from one element's value to the next one's
 * @param cpuStride bytes from one CPU's value to the next one's; 0 when all CPUs share it
 * @param used what is not 0 for each element that was looked up lately; null when nobody asks
 */
public record HashLayout(HashReader reader, long values, long stride, long cpuStride, byte[] used)
    implements Prefetch {
  /** Buckets looked at to see how full the map is. */
  private static final int PROBES = 64;

  private static final int LINE = 64;

  /** Elements of a bucket that are fetched ahead: one of fifty has its key further behind. */
  private static final int LINKS = 2;

  /** The address of the value of a key of up to 8 bytes, which is looked up herewith, or 0. */
  public long find(long key, int cpu) {
    return value(reader.find(key), cpu);
  }

  /** The same of a key of 9 to 16 bytes. */
  public long find(long low, long high, int cpu) {
    return value(reader.find(low, high), cpu);
  }

  /** A key's part of a hint ({@link Prefetch}). */
  public long hint(long key) {
    return reader.bucket(key);
  }

  /** The same of a key of 9 to 16 bytes. */
  public long hint(long low, long high) {
    return reader.bucket(low, high);
  }

  @Override
  public long footprint() {
    long buckets = reader.buckets().length;
    int probes = (int) Math.min(buckets, PROBES);
    int empty = 0;
    for (int i = 0; i < probes; i++) {
      empty += reader.first((int) (i * buckets / probes)) == HashIndex.NONE ? 1 : 0;
    }
    // Keys are spread at random: where n are in b buckets, b / e^(n / b) of these are empty.
    double load = Math.log((double) probes / Math.max(0.5, empty));
    double elements = load * buckets;
    return (long) (Math.min(buckets * Long.BYTES, elements * LINE) + elements * stride);
  }

  @Override
  public int fetch(long[] hints, int size, int number, int cpu) {
    for (int i = 0; i < size; i++) {
      if (Prefetch.isOf(hints[i], number)) {
        hints[i] = Prefetch.hint(number, reader.first((int) hints[i]));
      }
    }
    int sum = 0;
    for (int link = 0; link < LINKS; link++) {
      for (int i = 0; i < size; i++) {
        int element = (int) hints[i];
        if (Prefetch.isOf(hints[i], number) && element >= 0) {
          hints[i] = Prefetch.hint(number, reader.after(element));
          sum += reader.touch(element) + touchValue(element, cpu);
        }
      }
    }
    return sum;
  }

  private int touchValue(int element, int cpu) {
    long value = values + element * stride + cpu * cpuStride;
    int use = used == null ? 0 : used[element];
    return use + reader.memory().get(Region.BYTE, value);
  }

  private long value(int element, int cpu) {
    if (element < 0) {
      return 0;
    }
    if (used != null) {
      LruNodes.touch(used, element);
    }
    return values + element * stride + cpu * cpuStride;
  }
}
