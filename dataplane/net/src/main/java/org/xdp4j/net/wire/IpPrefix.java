package org.xdp4j.net.wire;

/**
 * An address and how many of its first bits count. The others may be set, as in an interface's
 * address; {@link #network} clears them.
 *
 * @param length from 0 to 32 or 128
 */
public record IpPrefix(IpAddress address, int length) implements Comparable<IpPrefix> {
  /** Checks the length. */
  public IpPrefix {
    if (length < 0 || length > address.bits()) {
      throw new IllegalArgumentException(
          "a prefix of " + address + " has 0 to " + address.bits() + " bits, not " + length);
    }
  }

  /**
   * Reads {@code 10.0.0.0/8}; an address alone is a prefix of all its bits.
   *
   * @throws IllegalArgumentException when it is no prefix
   */
  public static IpPrefix parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      IpAddress address = IpAddress.parse(text);
      return new IpPrefix(address, address.bits());
    }
    IpAddress address = IpAddress.parse(text.substring(0, slash));
    String length = text.substring(slash + 1);
    if (!length.matches("[0-9]{1,3}")) {
      throw new IllegalArgumentException("\"" + text + "\" has no prefix length after its slash");
    }
    return new IpPrefix(address, Integer.parseInt(length));
  }

  /** The first 64 bits of a mask of {@code length} bits. */
  public static long maskHigh(int length) {
    return length == 0 ? 0 : length >= 64 ? -1 : -1L << 64 - length;
  }

  /** The last 64 bits of a mask of {@code length} bits. */
  public static long maskLow(int length) {
    return length <= 64 ? 0 : -1L << 128 - length;
  }

  /** The prefix with the bits that do not count cleared. */
  public IpPrefix network() {
    long high = address.high() & maskHigh(length);
    long low = address.low() & maskLow(length);
    return new IpPrefix(new IpAddress(address.isIpv6(), high, low), length);
  }

  /** Whether an address is in it. */
  public boolean contains(IpAddress other) {
    return other.isIpv6() == address.isIpv6() && contains(other.high(), other.low());
  }

  /** Whether an address of its family, as {@link IpAddress} has it, is in it. */
  public boolean contains(long high, long low) {
    return ((high ^ address.high()) & maskHigh(length)) == 0
        && ((low ^ address.low()) & maskLow(length)) == 0;
  }

  /** The address all stations of an IPv4 prefix hear: the bits that do not count set. */
  public int broadcast4() {
    return address.ipv4() | (length == 32 ? 0 : -1 >>> length);
  }

  @Override
  public String toString() {
    return address + "/" + length;
  }

  /** By address, then by length. */
  @Override
  public int compareTo(IpPrefix other) {
    int addresses = address.compareTo(other.address);
    return addresses != 0 ? addresses : Integer.compare(length, other.length);
  }
}
