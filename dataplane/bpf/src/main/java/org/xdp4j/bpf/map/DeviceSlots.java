package org.xdp4j.bpf.map;

import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.memory.Region;

/**
 * Where a {@link DevMap} keeps its interfaces: that of slot i is at {@code base + 8 * i}. A record
 * for the reason that {@link HashReader} is one.
 *
 * @param map the map's address
 */
public record DeviceSlots(MemorySegment memory, long base, int entries, long map) {
  /** {@link RedirectMap#hasTarget}. */
  public boolean hasTarget(int key) {
    return Integer.compareUnsigned(key, entries) < 0
        && memory.get(Region.INT, base + 8L * key) != 0;
  }
}
