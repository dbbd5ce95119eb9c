package org.xdp4j.bpf.map;

import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.memory.Region;

/**
 * Comparing, hashing and copying short runs of bytes by whole words. A run whose length is no
 * multiple of the word ends with a word that overlaps the one before it, so no byte loop is needed.
 */
final class Words {
  private static final long K0 = 0x9E3779B97F4A7C15L;
  private static final long K1 = 0xD6E8FEB86659FD93L;

  /** Beyond this the library's bulk copy is quicker than a loop. */
  private static final long LONG_COPY = 128;

  private Words() {}

  /** The size rounded up to a multiple of 8. */
  static long roundUp8(long size) {
    return (size + 7) & -8;
  }

  static boolean equal(MemorySegment m, long a, long b, int size) {
    if (size == 4) {
      return m.get(Region.INT, a) == m.get(Region.INT, b);
    }
    if (size >= 8) {
      return equalLongs(m, a, b, size);
    }
    return load(m, a, size) == load(m, b, size);
  }

  private static boolean equalLongs(MemorySegment m, long a, long b, int size) {
    int last = size - 8;
    for (int i = 0; i < last; i += 8) {
      if (m.get(Region.LONG, a + i) != m.get(Region.LONG, b + i)) {
        return false;
      }
    }
    return m.get(Region.LONG, a + last) == m.get(Region.LONG, b + last);
  }

  /** Up to eight bytes as one number, little-endian. */
  static long load(MemorySegment m, long a, int size) {
    return switch (size) {
      case 0 -> 0;
      case 1 -> m.get(Region.BYTE, a) & 0xFF;
      case 2 -> m.get(Region.SHORT, a) & 0xFFFF;
      case 3 -> m.get(Region.SHORT, a) & 0xFFFF | (m.get(Region.BYTE, a + 2) & 0xFF) << 16;
      case 4 -> m.get(Region.INT, a) & 0xFFFFFFFFL;
      case 8 -> m.get(Region.LONG, a);
      default -> {
        // The last four bytes, of which the first 8 - size are in the lower half too.
        long upper = m.get(Region.INT, a + size - 4) & 0xFFFFFFFFL;
        long lower = m.get(Region.INT, a) & 0xFFFFFFFFL;
        yield lower | upper >>> 8 * (8 - size) << 32;
      }
    };
  }

  /**
   * A seeded hash: each word is multiplied to 128 bits, whose halves are folded together, so that
   * every bit of the key reaches the low bits that choose a bucket.
   */
  static int hash(MemorySegment m, long key, int size, long seed) {
    if (size <= 8) {
      return hash(load(m, key, size), seed);
    }
    if (size <= HashReader.NUMBERS) {
      return hash(m.get(Region.LONG, key), load(m, key + 8, size - 8), seed);
    }
    return (int) hashLongs(m, key, size, seed);
  }

  /** The same of up to 8 bytes. */
  static int hash(long key, long seed) {
    return (int) fold(key ^ seed, K0);
  }

  /** The same of 9 to 16 bytes, by one multiplication. */
  static int hash(long low, long high, long seed) {
    return (int) fold(low ^ seed ^ K0, high ^ Long.rotateLeft(seed, 32) ^ K1);
  }

  private static long hashLongs(MemorySegment m, long key, int size, long seed) {
    int last = size - 8;
    long h = seed ^ size;
    for (int i = 0; i < last; i += 8) {
      h = fold(m.get(Region.LONG, key + i) ^ h, K1);
    }
    return fold(m.get(Region.LONG, key + last) ^ h, K0);
  }

  private static long fold(long a, long b) {
    return Math.multiplyHigh(a, b) ^ a * b;
  }

  static void copy(MemorySegment m, long from, long to, long size) {
    if (size > LONG_COPY) {
      MemorySegment.copy(m, from, m, to, size);
    } else if (size >= 8) {
      long last = size - 8;
      // Read first: the last word may overlap one that the loop writes when from and to overlap.
      long tail = m.get(Region.LONG, from + last);
      for (long i = 0; i < last; i += 8) {
        m.set(Region.LONG, to + i, m.get(Region.LONG, from + i));
      }
      m.set(Region.LONG, to + last, tail);
    } else if (size == 4) {
      m.set(Region.INT, to, m.get(Region.INT, from));
    } else {
      for (long i = 0; i < size; i++) {
        m.set(Region.BYTE, to + i, m.get(Region.BYTE, from + i));
      }
    }
  }

  /** Zeroes memory whose address and size are multiples of 8. */
  static void clear(MemorySegment m, long address, long size) {
    if (size > LONG_COPY) {
      m.asSlice(address, size).fill((byte) 0);
      return;
    }
    for (long i = 0; i < size; i += 8) {
      m.set(Region.LONG, address + i, 0);
    }
  }
}
