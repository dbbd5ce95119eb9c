package org.xdp4j.net.wire;

/** EtherTypes (IANA, IEEE 802 numbers). */
public final class EtherType {
  public static final int IPV4 = 0x0800;
  public static final int ARP = 0x0806;

  /** A customer VLAN tag (IEEE 802.1Q). */
  public static final int VLAN = 0x8100;

  /** A service VLAN tag (IEEE 802.1ad). */
  public static final int SERVICE_VLAN = 0x88a8;

  /** A service tag from before 802.1ad. */
  public static final int OLD_SERVICE_VLAN = 0x9100;

  public static final int IPV6 = 0x86dd;

  /** Values below are lengths of IEEE 802.3 frames, not types. */
  public static final int FIRST = 0x0600;

  private EtherType() {}

  /** Whether a VLAN tag follows. */
  public static boolean isVlan(int type) {
    return type == VLAN || type == SERVICE_VLAN || type == OLD_SERVICE_VLAN;
  }
}
