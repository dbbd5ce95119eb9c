package org.xdp4j.bpf.map;

import java.util.ArrayList;
import java.util.List;

/**
 * A few prefixes in one array, longest first: what is below a node of an {@link LpmPaths} where
 * there is not enough for another node. A look-up compares them one after the other, in one or two
 * lines of memory. Arrays never change.
 *
 * <pre>
 *  up to 64 bits:   | high | length : 32, leaf : 32 |
 *  more:            | high | length : 32, leaf : 32 | low | 0 |
 * </pre>
 */
final class LpmBucket {
  private static final int CELLS = 2;

  private LpmBucket() {}

  /** The leaf of the longest prefix of this key, or 0. */
  static int find(long[] bucket, long high, long low) {
    for (int i = 0; i + 1 < bucket.length; i += CELLS) {
      long meta = bucket[i + 1];
      int length = (int) (meta >>> 32);
      long difference = high ^ bucket[i];
      if (length <= Long.SIZE) {
        if (difference >>> Long.SIZE - length == 0) {
          return (int) meta;
        }
        continue;
      }
      i += CELLS;
      if (difference == 0 && (low ^ bucket[i]) >>> 2 * Long.SIZE - length == 0) {
        return (int) meta;
      }
    }
    return 0;
  }

  /** Bytes of Java heap that a slot's content takes, when it is a bucket. */
  static int heap(Object content) {
    return content instanceof long[] bucket ? HeapAccount.array(bucket.length, Long.BYTES) : 0;
  }

  /** Its prefixes, longest first. */
  static List<LpmPrefix> prefixes(long[] bucket) {
    List<LpmPrefix> all = new ArrayList<>();
    for (int i = 0; i < bucket.length; i += CELLS) {
      long high = bucket[i];
      long meta = bucket[i + 1];
      int length = (int) (meta >>> 32);
      i += length > Long.SIZE ? CELLS : 0;
      all.add(new LpmPrefix(high, length > Long.SIZE ? bucket[i] : 0, length, (int) meta));
    }
    return all;
  }

  /** An array of these, or null when there are none. */
  static long[] of(List<LpmPrefix> prefixes) {
    if (prefixes.isEmpty()) {
      return null;
    }
    List<LpmPrefix> sorted = new ArrayList<>(prefixes);
    sorted.sort((a, b) -> b.length() - a.length());
    int cells = 0;
    for (LpmPrefix prefix : sorted) {
      cells += prefix.length() > Long.SIZE ? 2 * CELLS : CELLS;
    }
    long[] bucket = new long[cells];
    int at = 0;
    for (LpmPrefix prefix : sorted) {
      bucket[at] = prefix.high();
      bucket[at + 1] = (long) prefix.length() << 32 | prefix.leaf();
      at += CELLS;
      if (prefix.length() > Long.SIZE) {
        bucket[at] = prefix.low();
        at += CELLS;
      }
    }
    return bucket;
  }

  /** These and another one, instead of the same one if it is there. */
  static List<LpmPrefix> with(List<LpmPrefix> prefixes, LpmPrefix added) {
    List<LpmPrefix> all = without(prefixes, added);
    all.add(added);
    return all;
  }

  static List<LpmPrefix> without(List<LpmPrefix> prefixes, LpmPrefix gone) {
    List<LpmPrefix> rest = new ArrayList<>(prefixes);
    rest.removeIf(gone::isSame);
    return rest;
  }
}
