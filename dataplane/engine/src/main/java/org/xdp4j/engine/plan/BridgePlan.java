package org.xdp4j.engine.plan;

import java.util.List;

/**
 * Ports that are one link: frames go where their destination was last seen (IEEE 802.1Q).
 *
 * @param name what interfaces call it
 * @param members its ports
 */
public record BridgePlan(String name, List<Member> members) {
  /** Takes a copy of the list. */
  public BridgePlan {
    members = List.copyOf(members);
  }

  /**
   * A port of a bridge and the VLANs it carries.
   *
   * @param port its name
   * @param untagged the VLAN of frames without a tag; 0 when they are not taken, 1 for a bridge
   *     without VLANs
   * @param tagged the VLANs of frames with a tag that are taken
   */
  public record Member(String port, int untagged, List<Integer> tagged) {
    /** Takes a copy of the list. */
    public Member {
      tagged = List.copyOf(tagged);
    }

    /** A port of a bridge without VLANs. */
    public static Member of(String port) {
      return new Member(port, 1, List.of());
    }
  }
}
