package org.xdp4j.bpf.map;

import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.memory.Region;

/**
 * What one map has taken from the region, so that all of it goes back: when the map is freed, and
 * when making it fails half-way.
 */
final class MapMemory {
  private record Block(long address, long size) {}

  private final Region region;
  private final List<Block> blocks = new ArrayList<>();
  private final List<Long> handles = new ArrayList<>();

  MapMemory(Region region) {
    this.region = region;
  }

  Region region() {
    return region;
  }

  /** Zeroed memory. */
  synchronized long allocate(long size, long alignment) {
    long address = region.allocate(size, alignment);
    blocks.add(new Block(address, size));
    return address;
  }

  /** An address in the region for the map itself. */
  synchronized long attach(BpfMap map) {
    long handle = region.attach(map);
    handles.add(handle);
    return handle;
  }

  /** Gives everything back. */
  synchronized void freeAll() {
    handles.forEach(region::detach);
    handles.clear();
    blocks.forEach(b -> region.free(b.address, b.size));
    blocks.clear();
  }
}
