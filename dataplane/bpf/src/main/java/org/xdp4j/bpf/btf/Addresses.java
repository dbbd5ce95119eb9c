package org.xdp4j.bpf.btf;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Network addresses as text. Names are never looked up. */
public final class Addresses {
  public static final int IPV4_SIZE = 4;
  public static final int IPV6_SIZE = 16;
  public static final int MAC_SIZE = 6;

  private static final Pattern IPV4 =
      Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
  private static final Pattern MAC = Pattern.compile("[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}");

  private Addresses() {}

  /** The bytes of an address of {@code size} bytes, in network order; null when it is none. */
  public static byte[] parse(String text, int size) {
    return switch (size) {
      case IPV4_SIZE -> ipv4(text);
      case IPV6_SIZE -> ipv6(text);
      case MAC_SIZE -> mac(text);
      default -> null;
    };
  }

  private static byte[] ipv4(String text) {
    Matcher matcher = IPV4.matcher(text);
    if (!matcher.matches()) {
      return null;
    }
    byte[] address = new byte[IPV4_SIZE];
    for (int i = 0; i < IPV4_SIZE; i++) {
      int part = Integer.parseInt(matcher.group(i + 1));
      if (part > 255) {
        return null;
      }
      address[i] = (byte) part;
    }
    return address;
  }

  private static byte[] ipv6(String text) {
    if (!IPV6.matcher(text).matches()) {
      return null;
    }
    try {
      // A text with a colon is taken for an address, never for a name.
      byte[] address = InetAddress.getByName(text).getAddress();
      return address.length == IPV4_SIZE ? mapped(address) : address;
    } catch (UnknownHostException e) {
      return null;
    }
  }

  /** RFC 4291, section 2.5.5.2. */
  private static byte[] mapped(byte[] ipv4) {
    byte[] address = new byte[IPV6_SIZE];
    address[10] = (byte) 0xff;
    address[11] = (byte) 0xff;
    System.arraycopy(ipv4, 0, address, 12, IPV4_SIZE);
    return address;
  }

  private static byte[] mac(String text) {
    return MAC.matcher(text).matches()
        ? HexFormat.of().parseHex(text.replace(":", "").replace("-", ""))
        : null;
  }

  /** An IPv4 address of 4 bytes or an IPv6 address of 16 as text. */
  public static String format(byte[] address) {
    if (address.length == IPV4_SIZE) {
      StringJoiner text = new StringJoiner(".");
      for (byte part : address) {
        text.add(Integer.toString(part & 0xff));
      }
      return text.toString();
    }
    return ipv6(address);
  }

  /** RFC 5952: lower case, the longest run of two or more zero groups left out. */
  private static String ipv6(byte[] address) {
    int[] groups = new int[IPV6_SIZE / 2];
    for (int i = 0; i < groups.length; i++) {
      groups[i] = (address[2 * i] & 0xff) << 8 | address[2 * i + 1] & 0xff;
    }
    int bestStart = -1;
    int bestLength = 1;
    for (int start = 0; start < groups.length; start++) {
      int end = start;
      while (end < groups.length && groups[end] == 0) {
        end++;
      }
      if (end - start > bestLength) {
        bestStart = start;
        bestLength = end - start;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < groups.length; i++) {
      if (i == bestStart) {
        text.append("::");
        i += bestLength - 1;
        continue;
      }
      boolean first = text.isEmpty() || text.charAt(text.length() - 1) == ':';
      text.append(first ? "" : ":").append(Integer.toHexString(groups[i]));
    }
    return text.toString();
  }
}
