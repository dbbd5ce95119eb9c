package org.xdp4j.bpf.map;

/**
 * A map whose look-ups may wait for memory, and that can do so for many keys at once. A look-up by
 * itself is a chain: the bucket, then the element it names. Of the chains of several frames a
 * processor begins one or two at a time, for what lies between fills its window; here it is given
 * all first steps together, then all second steps.
 *
 * <pre>
 *  a hint:  | number of the look-up : 16 | what the map says of the key : 48 |    -1 = none
 * </pre>
 */
public interface Prefetch {
  /** Bits of a hint that are the map's own. */
  int PART = 48;

  /** Memory of this much, and less, is in the processor's own caches for the most part. */
  long CACHED = 4 << 20;

  /** About how many bytes of memory all look-ups together touch, as the map is now. */
  long footprint();

  /**
   * Loads what look-ups with this number's hints will load.
   *
   * @param hints of frames; changed
   * @param size how many there are
   * @return anything, for the JVM not to leave it all out
   */
  int fetch(long[] hints, int size, int number, int cpu);

  /** Whether a hint is of this number. */
  static boolean isOf(long hint, int number) {
    return (int) (hint >>> PART) == number;
  }

  /** The hint with this number and the map's own part, as far as it is one of 32 bits. */
  static long hint(int number, int part) {
    return (long) number << PART | Integer.toUnsignedLong(part);
  }
}
