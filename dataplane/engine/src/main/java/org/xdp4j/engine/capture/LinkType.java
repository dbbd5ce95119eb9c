package org.xdp4j.engine.capture;

import java.util.Map;

/** Link-layer header types (LINKTYPE_ values, tcpdump.org/linktypes.html). */
public final class LinkType {
  public static final int ETHERNET = 1;

  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(0, "NULL"),
          Map.entry(ETHERNET, "ETHERNET"),
          Map.entry(6, "IEEE802_5"),
          Map.entry(8, "SLIP"),
          Map.entry(9, "PPP"),
          Map.entry(10, "FDDI"),
          Map.entry(50, "PPP_HDLC"),
          Map.entry(51, "PPP_ETHER"),
          Map.entry(101, "RAW"),
          Map.entry(104, "C_HDLC"),
          Map.entry(105, "IEEE802_11"),
          Map.entry(107, "FRELAY"),
          Map.entry(108, "LOOP"),
          Map.entry(113, "LINUX_SLL"),
          Map.entry(117, "PFLOG"),
          Map.entry(127, "IEEE802_11_RADIOTAP"),
          Map.entry(147, "USER0"),
          Map.entry(187, "BLUETOOTH_HCI_H4"),
          Map.entry(189, "USB_LINUX"),
          Map.entry(195, "IEEE802_15_4_WITHFCS"),
          Map.entry(220, "USB_LINUX_MMAPPED"),
          Map.entry(227, "CAN_SOCKETCAN"),
          Map.entry(228, "IPV4"),
          Map.entry(229, "IPV6"),
          Map.entry(239, "NFLOG"),
          Map.entry(253, "NETLINK"),
          Map.entry(276, "LINUX_SLL2"));

  private LinkType() {}

  /** The name without its LINKTYPE_ prefix, or the number in words where none is known here. */
  public static String name(int linkType) {
    String name = NAMES.get(linkType);
    return name != null ? name : "link type " + linkType;
  }
}
