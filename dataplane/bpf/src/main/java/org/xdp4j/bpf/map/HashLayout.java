package org.xdp4j.bpf.map;

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
public record HashLayout(HashReader reader, long values, long stride, long cpuStride, byte[] used) {
  /** The address of the value of a key of up to 8 bytes, which is looked up herewith, or 0. */
  public long find(long key, int cpu) {
    return value(reader.find(key), cpu);
  }

  /** The same of a key of 9 to 16 bytes. */
  public long find(long low, long high, int cpu) {
    return value(reader.find(low, high), cpu);
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
