package org.xdp4j.net.link;

import java.util.BitSet;

/**
 * A port of a bridge, and the VLANs it carries. Immutable but for whether its link is there.
 *
 * <p>An access port has one VLAN, untagged. A trunk carries several with tags, and perhaps one, the
 * native VLAN, without.
 */
public final class BridgePort {
  /** The VLAN of a bridge without VLANs. */
  public static final int DEFAULT_VLAN = 1;

  private static final int MAX_VLAN = 4094;

  private final int port;
  private final int untagged;
  private final BitSet tagged;
  private volatile boolean up = true;

  /**
   * Makes one.
   *
   * @param untagged the VLAN of frames without a tag; 0 when they are not taken
   * @param tagged the VLANs of frames with a tag that are taken
   */
  public BridgePort(int port, int untagged, int... tagged) {
    this.port = port;
    this.untagged = untagged;
    this.tagged = new BitSet();
    if (untagged < 0 || untagged > MAX_VLAN) {
      throw new IllegalArgumentException("port " + port + ": no VLAN has the number " + untagged);
    }
    for (int vlan : tagged) {
      if (vlan < 1 || vlan > MAX_VLAN || vlan == untagged) {
        throw new IllegalArgumentException(
            "port " + port + ": VLAN " + vlan + " cannot be a tagged one of it");
      }
      this.tagged.set(vlan);
    }
  }

  /** A port that carries one VLAN, untagged. */
  public static BridgePort access(int port, int vlan) {
    return new BridgePort(port, vlan);
  }

  public int port() {
    return port;
  }

  /** The VLAN of frames without a tag; 0 for none. */
  public int untagged() {
    return untagged;
  }

  /** Whether it carries a VLAN, with or without tags. */
  public boolean carries(int vlan) {
    return vlan == untagged || tagged.get(vlan);
  }

  /** Whether it carries a VLAN with tags. */
  public boolean carriesTagged(int vlan) {
    return tagged.get(vlan);
  }

  public boolean isUp() {
    return up;
  }

  void setUp(boolean isUp) {
    up = isUp;
  }
}
