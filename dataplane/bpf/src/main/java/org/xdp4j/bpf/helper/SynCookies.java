package org.xdp4j.bpf.helper;

import java.security.SecureRandom;
import org.xdp4j.bpf.context.XdpContext;

/**
 * SYN cookies (net/ipv4/syncookies.c): an initial sequence number that says, to whoever knows the
 * secret, which connection it belongs to, in which minute it was made, and which of four segment
 * sizes the peer announced.
 *
 * <pre>
 *  cookie = hash0(connection) + peer's sequence number + minute &lt;&lt; 24
 *           + ((hash1(connection, minute) + size's number) mod 2^24)
 * </pre>
 *
 * The secret is drawn at random when the process starts; runs by frame time have a fixed one, so
 * that they repeat exactly.
 */
final class SynCookies {
  private static final int BITS = 24;
  private static final int MASK = (1 << BITS) - 1;
  private static final long MINUTE = 60_000_000_000L;

  /** Minutes a cookie is good for, the one it is made in included. */
  private static final int AGE = 2;

  private static final int[] SIZES_4 = {536, 1300, 1440, 1460};
  private static final int[] SIZES_6 = {1220, 1420, 1440, 8940};
  private static final long[] RANDOM = new SecureRandom().longs(4).toArray();
  private static final long[] FIXED = {
    0x0706050403020100L, 0x0F0E0D0C0B0A0908L, 0x1716151413121110L, 0x1F1E1D1C1B1A1918L
  };

  private SynCookies() {}

  /** The number of the largest size that is not above {@code mss}; 0 when all are. */
  static int index(boolean ipv6, int mss) {
    int[] sizes = sizes(ipv6);
    int index = sizes.length - 1;
    while (index > 0 && mss < sizes[index]) {
      index--;
    }
    return index;
  }

  /** The segment size of this number, 0 when there is none. */
  static int size(boolean ipv6, int index) {
    return index >= 0 && index < sizes(ipv6).length ? sizes(ipv6)[index] : 0;
  }

  private static int[] sizes(boolean ipv6) {
    return ipv6 ? SIZES_6 : SIZES_4;
  }

  /**
   * Makes a cookie.
   *
   * @param addresses both addresses, folded to 64 bits
   * @param ports both ports
   * @param sequence the peer's initial sequence number
   */
  static int make(XdpContext ctx, long addresses, int ports, int sequence, int index) {
    int minute = minute(ctx);
    return hash(ctx, addresses, ports, 0, 0)
        + sequence
        + (minute << BITS)
        + (hash(ctx, addresses, ports, minute, 1) + index & MASK);
  }

  /** The number that {@link #make} was given, or -1 for a cookie of the wrong minute. */
  static int check(XdpContext ctx, int cookie, long addresses, int ports, int sequence) {
    int rest = cookie - hash(ctx, addresses, ports, 0, 0) - sequence;
    int minute = minute(ctx);
    int age = minute - (rest >>> BITS) & 0xFF;
    return age >= AGE ? -1 : rest - hash(ctx, addresses, ports, minute - age, 1) & MASK;
  }

  private static int minute(XdpContext ctx) {
    return (int) Long.divideUnsigned(ctx.now(), MINUTE);
  }

  private static int hash(XdpContext ctx, long addresses, int ports, int minute, int which) {
    long[] secret = ctx.frameTime ? FIXED : RANDOM;
    long rest = ports & 0xFFFFFFFFL | (long) minute << 32;
    return (int) SipHash.of(secret[2 * which], secret[2 * which + 1], addresses, rest);
  }

  /** Both addresses of an IPv6 connection, under a key, in 64 bits. */
  static long fold(XdpContext ctx, long a, long b, long c, long d) {
    long[] secret = ctx.frameTime ? FIXED : RANDOM;
    long left = SipHash.of(secret[0], secret[3], a, b);
    return SipHash.of(secret[2] ^ left, secret[1], c, d);
  }
}
