package org.xdp4j.net.wire;

import java.util.Locale;

/**
 * An IPv4 or IPv6 address, as configuration and reports have it. Hot paths use the bits themselves.
 *
 * @param isIpv6 whether it is an IPv6 address
 * @param high the first 64 bits; of an IPv4 address the first 32, the rest being zero
 * @param low the last 64 bits; 0 for IPv4
 */
public record IpAddress(boolean isIpv6, long high, long low) implements Comparable<IpAddress> {
  private static final int GROUPS = 8;

  /** Checks that an IPv4 address has 32 bits. */
  public IpAddress {
    if (!isIpv6 && ((int) high != 0 || low != 0)) {
      throw new IllegalArgumentException("an IPv4 address has 32 bits, the upper ones of high");
    }
  }

  /** An IPv4 address. */
  public static IpAddress of(int ipv4) {
    return new IpAddress(false, (long) ipv4 << 32, 0);
  }

  /** An IPv6 address. */
  public static IpAddress of(long high, long low) {
    return new IpAddress(true, high, low);
  }

  /** The 32 bits of an IPv4 address. */
  public int ipv4() {
    return (int) (high >>> 32);
  }

  /** 32 or 128. */
  public int bits() {
    return isIpv6 ? 128 : 32;
  }

  /** Whether it is in fe80::/10 or 169.254.0.0/16. */
  public boolean isLinkLocal() {
    return isIpv6 ? high >>> 54 == 0xfe80 >>> 6 : high >>> 48 == 0xa9fe;
  }

  /** Whether it is in 127.0.0.0/8, or ::1. */
  public boolean isLoopback() {
    return isIpv6 ? high == 0 && low == 1 : ipv4() >>> 24 == 127;
  }

  /** Whether it is a group's. */
  public boolean isMulticast() {
    return isIpv6 ? high >>> 56 == 0xff : high >>> 60 == 0xe;
  }

  /** Whether all bits are zero. */
  public boolean isUnspecified() {
    return high == 0 && low == 0;
  }

  /**
   * Reads {@code 192.0.2.1} or {@code 2001:db8::1} (RFC 4291, section 2.2).
   *
   * @throws IllegalArgumentException when it is neither
   */
  public static IpAddress parse(String text) {
    try {
      return text.indexOf(':') >= 0 ? parse6(text) : of(parse4(text));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("\"" + text + "\" is no IP address", e);
    }
  }

  private static int parse4(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 4) {
      throw new IllegalArgumentException(text);
    }
    int address = 0;
    for (String part : parts) {
      int value = number(part, 10, 3);
      if (value > 255 || part.length() > 1 && part.charAt(0) == '0') {
        throw new IllegalArgumentException(text);
      }
      address = address << 8 | value;
    }
    return address;
  }

  private static int number(String text, int radix, int maxLength) {
    if (text.isEmpty() || text.length() > maxLength) {
      throw new IllegalArgumentException(text);
    }
    int value = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) < 128 ? Character.digit(text.charAt(i), radix) : -1;
      if (digit < 0) {
        throw new IllegalArgumentException(text);
      }
      value = value * radix + digit;
    }
    return value;
  }

  private static IpAddress parse6(String text) {
    int gap = text.indexOf("::");
    long[] halves = new long[2];
    if (gap < 0) {
      if (groups(text, halves, 0) != GROUPS) {
        throw new IllegalArgumentException(text);
      }
      return of(halves[0], halves[1]);
    }
    long[] tail = new long[2];
    int before = groups(text.substring(0, gap), halves, 0);
    int after = groups(text.substring(gap + 2), tail, 0);
    if (before + after >= GROUPS) {
      throw new IllegalArgumentException(text);
    }
    groups(text.substring(gap + 2), halves, GROUPS - after);
    return of(halves[0], halves[1]);
  }

  /** Sets 16-bit groups from the one at {@code first} on; returns how many there were. */
  private static int groups(String text, long[] halves, int first) {
    if (text.isEmpty()) {
      return 0;
    }
    String[] parts = text.split(":", -1);
    int at = first;
    for (int i = 0; i < parts.length; i++) {
      if (i == parts.length - 1 && parts[i].indexOf('.') >= 0) {
        int embedded = parse4(parts[i]);
        set(halves, at++, embedded >>> 16);
        set(halves, at++, embedded & 0xffff);
      } else {
        set(halves, at++, number(parts[i], 16, 4));
      }
    }
    return at - first;
  }

  private static void set(long[] halves, int group, int value) {
    if (group >= GROUPS) {
      throw new IllegalArgumentException("more than eight groups");
    }
    halves[group / 4] |= (long) value << 48 - group % 4 * 16;
  }

  private int group(int index) {
    return (int) ((index < 4 ? high : low) >>> 48 - index % 4 * 16) & 0xffff;
  }

  /** As people write it; IPv6 by RFC 5952. */
  @Override
  public String toString() {
    return isIpv6 ? format6() : format4(ipv4());
  }

  /** Writes 32 bits as {@code 192.0.2.1}. */
  public static String format4(int address) {
    return (address >>> 24)
        + "."
        + (address >>> 16 & 0xff)
        + "."
        + (address >>> 8 & 0xff)
        + "."
        + (address & 0xff);
  }

  private String format6() {
    int start = -1;
    int length = 1;
    for (int i = 0; i < GROUPS; i++) {
      int run = 0;
      while (i + run < GROUPS && group(i + run) == 0) {
        run++;
      }
      if (run > length) {
        start = i;
        length = run;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < GROUPS; i++) {
      if (i == start) {
        text.append("::");
        i += length - 1;
        continue;
      }
      boolean first = i == 0 || start >= 0 && i == start + length;
      text.append(first ? "" : ":").append(Integer.toHexString(group(i)).toLowerCase(Locale.ROOT));
    }
    return text.toString();
  }

  /** IPv4 first, then by value. */
  @Override
  public int compareTo(IpAddress other) {
    if (isIpv6 != other.isIpv6) {
      return isIpv6 ? 1 : -1;
    }
    int highs = Long.compareUnsigned(high, other.high);
    return highs != 0 ? highs : Long.compareUnsigned(low, other.low);
  }
}
