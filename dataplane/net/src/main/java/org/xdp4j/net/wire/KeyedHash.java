package org.xdp4j.net.wire;

import java.security.SecureRandom;
import java.util.random.RandomGenerator;

/**
 * Where keys go in a table: depends on seeds that each table draws for itself, so that who sends
 * packets cannot choose keys that meet in one place and make all searches long (RFC 4732, 3.1).
 */
public final class KeyedHash {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final long seed0;
  private final long seed1;
  private final long seed2;
  private final long seed3;

  /** Makes one with seeds nobody knows. */
  public KeyedHash() {
    this(RANDOM);
  }

  /** Makes one with seeds from {@code random}. */
  public KeyedHash(RandomGenerator random) {
    seed0 = random.nextLong();
    seed1 = random.nextLong();
    seed2 = random.nextLong();
    seed3 = random.nextLong();
  }

  /** 32 well mixed bits of a key of three words. */
  public int of(long a, long b, long c) {
    long mixed = product(product(a ^ seed0, b ^ seed1) ^ seed2, c ^ seed3);
    return (int) (mixed ^ mixed >>> 32);
  }

  /** Both halves of the product, so that high bits of a word count as much as low ones. */
  public static long product(long x, long y) {
    return x * y ^ Math.multiplyHigh(x, y);
  }
}
