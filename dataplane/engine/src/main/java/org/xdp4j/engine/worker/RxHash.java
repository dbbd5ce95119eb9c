package org.xdp4j.engine.worker;

import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.net.flow.FlowHash;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.Ethernet;

/**
 * What {@code bpf_xdp_metadata_rx_hash} answers a program: the hash that frames are given to
 * workers by, and what it was taken over. Owned by one worker's thread.
 */
public final class RxHash implements org.xdp4j.bpf.context.FlowHash {
  // enum xdp_rss_hash_type (net/xdp.h)
  private static final int L3_IPV4 = 1;
  private static final int L3_IPV6 = 1 << 1;
  private static final int L4 = 1 << 3;
  private static final int L4_TCP = 1 << 4;
  private static final int L4_UDP = 1 << 5;

  private static final int IPV4_PROTOCOL = 9;
  private static final int IPV6_NEXT_HEADER = 6;
  private static final int TCP = 6;
  private static final int UDP = 17;

  private final FlowHash hash = new FlowHash();

  @Override
  public long hash(Region region, long data, long dataEnd) {
    MemorySegment memory = region.segment();
    int length = (int) (dataEnd - data);
    return hash.hash(memory, data, length) & 0xffffffffL | (long) type(memory, data, length) << 32;
  }

  private static int type(MemorySegment memory, long data, int length) {
    if (length < Ethernet.SIZE + IPV4_PROTOCOL + 1) {
      return 0;
    }
    return switch (Ethernet.type(memory, data)) {
      case EtherType.IPV4 -> L3_IPV4 | l4(memory, data + Ethernet.SIZE + IPV4_PROTOCOL);
      case EtherType.IPV6 -> L3_IPV6 | l4(memory, data + Ethernet.SIZE + IPV6_NEXT_HEADER);
      default -> 0;
    };
  }

  private static int l4(MemorySegment memory, long at) {
    return switch (memory.get(Region.BYTE, at)) {
      case TCP -> L4 | L4_TCP;
      case UDP -> L4 | L4_UDP;
      default -> 0;
    };
  }
}
