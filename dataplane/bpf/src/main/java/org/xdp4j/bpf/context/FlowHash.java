package org.xdp4j.bpf.context;

import org.xdp4j.bpf.memory.Region;

/** Computes what a network card's receive-side scaling would say of a frame. */
@FunctionalInterface
public interface FlowHash {
  /**
   * The hash of the frame at {@code [data, dataEnd)}.
   *
   * @return the hash in the low half; in the high half what it was taken over, an {@code enum
   *     xdp_rss_hash_type} (net/xdp.h), 0 for nothing
   */
  long hash(Region region, long data, long dataEnd);
}
