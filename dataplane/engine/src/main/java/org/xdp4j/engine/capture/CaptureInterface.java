package org.xdp4j.engine.capture;

import java.io.Serializable;
import java.util.List;

/**
 * An interface that frames of a capture were seen on. A pcap file has exactly one, without a name.
 *
 * @param index its place in its section, from 0
 * @param linkType see {@link LinkType}
 * @param snapLength bytes kept of a frame at the most, 0 for no limit
 * @param name {@code if_name}, or empty
 * @param description {@code if_description}, or empty
 * @param resolution the unit its timestamps are counted in
 * @param offsetSeconds {@code if_tsoffset}: seconds to add to every timestamp
 * @param fcsLength bytes of frame check sequence at the end of each frame, 0 when there is none or
 *     it is not known
 * @param comments its comments
 */
public record CaptureInterface(
    int index,
    int linkType,
    long snapLength,
    String name,
    String description,
    TimestampResolution resolution,
    long offsetSeconds,
    int fcsLength,
    List<String> comments)
    implements Serializable {

  /** A plain Ethernet interface for writing. */
  public static CaptureInterface ethernet(String name, String description) {
    return new CaptureInterface(
        0, LinkType.ETHERNET, 0, name, description, TimestampResolution.NANO, 0, 0, List.of());
  }

  /** Whether its frames are Ethernet frames, the only ones programs are run on. */
  public boolean isEthernet() {
    return linkType == LinkType.ETHERNET;
  }
}
