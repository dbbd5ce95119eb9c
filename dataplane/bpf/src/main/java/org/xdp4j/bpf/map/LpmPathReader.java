package org.xdp4j.bpf.map;

/**
 * Finds the longest match of a key of up to 16 bytes in an {@link LpmPaths}. A record so that it is
 * a constant to a compiled program that holds it as one.
 *
 * <p>Keys are two numbers: bytes 0 to 7, the first of them highest, and 8 to 15; 0 where a key has
 * none.
 *
 * @param bits how many bits a whole key has
 */
public record LpmPathReader(LpmPaths paths, LpmTrie trie, int bits) implements Prefetch {
  /** Bits of a key that are not in its hint: of IPv6, those behind the longest routes. */
  private static final int UNHINTED = 16;

  /**
   * {@code bpf_map_lookup_elem}.
   *
   * @param length bits of the key that count
   * @return the value's address, or 0
   */
  public long find(int length, long high, long low) {
    if (length == bits) {
      return (long) match(high, low) << 3;
    }
    return Integer.compareUnsigned(length, bits) > 0 ? 0 : trie.find(high, low, length);
  }

  /** A key's part of a hint ({@link Prefetch}). */
  public long hint(long high) {
    return high >>> UNHINTED;
  }

  /**
   * What is found on one way down is the longest match of one moment, unless a prefix went
   * meanwhile: what replaced it may have come behind.
   */
  private int match(long high, long low) {
    while (true) {
      int removals = paths.removals;
      int leaf = look(high, low);
      if (paths.removals == removals) {
        return leaf;
      }
    }
  }

  private int look(long high, long low) {
    int best = paths.whole;
    Object at = paths.root;
    while (at instanceof LpmPathNode node) {
      best = node.fallback != 0 ? node.fallback : best;
      if (!node.isOn(high, low)) {
        return best;
      }
      at = node.next(high, low);
    }
    if (at == null) {
      return best;
    }
    int leaf = LpmBucket.find((long[]) at, high, low);
    return leaf != 0 ? leaf : best;
  }

  @Override
  public long footprint() {
    return paths.footprint();
  }

  @Override
  public int fetch(long[] hints, int size, int number, int cpu) {
    Object[] at = paths.places(size);
    Object root = paths.root;
    for (int i = 0; i < size; i++) {
      at[i] = Prefetch.isOf(hints[i], number) ? root : null;
    }
    boolean more = root instanceof LpmPathNode;
    while (more) {
      more = false;
      for (int i = 0; i < size; i++) {
        if (at[i] instanceof LpmPathNode node) {
          long high = hints[i] << UNHINTED;
          at[i] = node.isOn(high, 0) ? node.next(high, 0) : null;
          more = true;
        }
      }
    }
    for (int i = 0; i < size; i++) {
      if (at[i] instanceof long[] bucket) {
        hints[i] = Prefetch.hint(number, LpmBucket.find(bucket, hints[i] << UNHINTED, 0));
      }
    }
    int sum = 0;
    for (int i = 0; i < size; i++) {
      if (at[i] != null) {
        sum += (int) hints[i] == 0 ? 0 : paths.touch((int) hints[i]);
        at[i] = null; // for the collector
      }
    }
    return sum;
  }
}
