package org.xdp4j.net.wire;

/** Hardware addresses: 48 bits, in the low bits of a long. */
public final class MacAddress {
  private static final int OCTETS = 6;

  private MacAddress() {}

  /**
   * Reads {@code 02:00:00:00:00:01}.
   *
   * @throws IllegalArgumentException when it is no such address
   */
  public static long parse(String text) {
    String[] octets = text.split(":", -1);
    if (octets.length != OCTETS) {
      throw bad(text);
    }
    long address = 0;
    for (String octet : octets) {
      if (octet.isEmpty() || octet.length() > 2 || !octet.chars().allMatch(MacAddress::isHex)) {
        throw bad(text);
      }
      address = address << 8 | Integer.parseInt(octet, 16);
    }
    return address;
  }

  private static boolean isHex(int character) {
    return character < 128 && Character.digit(character, 16) >= 0;
  }

  private static IllegalArgumentException bad(String text) {
    return new IllegalArgumentException(
        "\"" + text + "\" is no hardware address like 02:00:00:00:00:01");
  }

  /** Writes {@code 02:00:00:00:00:01}. */
  public static String format(long address) {
    StringBuilder text = new StringBuilder(17);
    for (int shift = 40; shift >= 0; shift -= 8) {
      String octet = Integer.toHexString((int) (address >>> shift) & 0xff);
      text.append(octet.length() == 1 ? "0" : "").append(octet).append(shift == 0 ? "" : ":");
    }
    return text.toString();
  }

  /** The group an IPv4 group's packets are sent to (RFC 1112, section 6.4). */
  public static long ofGroup4(int group) {
    return 0x0100_5e00_0000L | group & 0x7f_ffff;
  }

  /** The group an IPv6 group's packets are sent to (RFC 2464, section 7). */
  public static long ofGroup6(long low) {
    return 0x3333_0000_0000L | low & 0xffff_ffffL;
  }

  /** The lower half of the link-local address this station gives itself (RFC 4291, appendix A). */
  public static long interfaceIdentifier(long address) {
    long high = address >>> 24 ^ 0x02_0000L;
    return high << 40 | 0xff_fe00_0000L | address & 0xff_ffffL;
  }
}
