package org.xdp4j.engine.port.pcap;

/**
 * An interface through libpcap.
 *
 * @param device its name
 * @param filter a tcpdump expression (pcap-filter(7)): only frames it fits come in; empty for all
 * @param promiscuous whether frames to other stations come in, too
 * @param bufferBytes of libpcap's buffer
 */
public record PcapOptions(String device, String filter, boolean promiscuous, int bufferBytes) {
  /** Every frame, through a buffer of 16 MiB. */
  public static PcapOptions of(String device) {
    return new PcapOptions(device, "", true, 16 << 20);
  }

  /** The same with a filter. */
  public PcapOptions withFilter(String expression) {
    return new PcapOptions(device, expression, promiscuous, bufferBytes);
  }

  /** The same with frames to other stations or without. */
  public PcapOptions withPromiscuous(boolean wanted) {
    return new PcapOptions(device, filter, wanted, bufferBytes);
  }
}
