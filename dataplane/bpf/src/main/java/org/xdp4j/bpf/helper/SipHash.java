package org.xdp4j.bpf.helper;

/** SipHash-2-4 (Aumasson and Bernstein, 2012) of two 64-bit words. */
final class SipHash {
  private SipHash() {}

  /** The hash of 16 bytes, {@code first} and {@code second}, under a 128-bit key. */
  static long of(long key0, long key1, long first, long second) {
    long v0 = key0 ^ 0x736f6d6570736575L;
    long v1 = key1 ^ 0x646f72616e646f6dL;
    long v2 = key0 ^ 0x6c7967656e657261L;
    long v3 = key1 ^ 0x7465646279746573L;
    for (int block = 0; block < 4; block++) {
      // Two words, the length, and the finalisation.
      long word = block == 0 ? first : block == 1 ? second : 16L << 56;
      int rounds = block == 3 ? 4 : 2;
      if (block < 3) {
        v3 ^= word;
      } else {
        v2 ^= 0xff;
      }
      for (int i = 0; i < rounds; i++) {
        v0 += v1;
        v1 = Long.rotateLeft(v1, 13) ^ v0;
        v0 = Long.rotateLeft(v0, 32);
        v2 += v3;
        v3 = Long.rotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = Long.rotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = Long.rotateLeft(v1, 17) ^ v2;
        v2 = Long.rotateLeft(v2, 32);
      }
      if (block < 3) {
        v0 ^= word;
      }
    }
    return v0 ^ v1 ^ v2 ^ v3;
  }
}
