package org.xdp4j.bpf.map;

import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.memory.OutOfRegionException;
import org.xdp4j.bpf.memory.Region;

/**
 * What one map has taken from the region and from its budget, so that all of it goes back: when the
 * map is freed, and when making it fails half-way.
 */
final class MapMemory {
  private record Block(long address, long size) {}

  private final Region region;
  private final MapBudget budget;
  private final List<Block> blocks = new ArrayList<>();
  private final List<Long> handles = new ArrayList<>();
  private long taken;

  MapMemory(Region region, MapBudget budget) {
    this.region = region;
    this.budget = budget;
  }

  Region region() {
    return region;
  }

  /** Zeroed memory. */
  synchronized long allocate(long size, long alignment) {
    take(size);
    return place(size, alignment);
  }

  /** What the budget has given already, and gets back when there is no room. */
  private long place(long size, long alignment) {
    long address = 0;
    try {
      address = region.allocate(size, alignment);
      blocks.add(new Block(address, size));
    } catch (RuntimeException | Error full) {
      if (address != 0) {
        region.free(address, size);
      }
      budget.give(size);
      throw full;
    }
    taken += size;
    return address;
  }

  /** The same; 0, nothing taken, when there is not as much. */
  synchronized long tryAllocate(long size, long alignment) {
    if (!tryTake(size)) {
      return 0;
    }
    try {
      return place(size, alignment);
    } catch (OutOfRegionException full) {
      return 0;
    }
  }

  /** Objects of programs may hold memory that none of them needs any more. */
  private boolean tryTake(long size) {
    return budget.tryTake(size) || region.objects().trim() && budget.tryTake(size);
  }

  private void take(long size) {
    if (!tryTake(size)) {
      budget.take(size);
    }
  }

  /** Says, before it takes them, how many bytes of Java heap the map takes. */
  synchronized void heap(long size) {
    take(size);
    taken += size;
  }

  /** The same for heap that the map can do without; false, nothing taken, when it has to. */
  synchronized boolean trySpare(long size) {
    boolean spared = budget.trySpare(size);
    taken += spared ? size : 0;
    return spared;
  }

  /** The same as {@link #heap}; false, nothing taken, when there is not as much. */
  synchronized boolean tryHeap(long size) {
    boolean done = tryTake(size);
    taken += done ? size : 0;
    return done;
  }

  /** Says what the map has taken already, whatever is left. */
  synchronized void forceHeap(long size) {
    budget.force(size);
    taken += size;
  }

  /** Gives back some of the Java heap it took. */
  synchronized void giveHeap(long size) {
    budget.give(size);
    taken -= size;
  }

  /** An address in the region for the map itself. */
  synchronized long attach(BpfMap map) {
    long handle = region.attach(map);
    handles.add(handle);
    return handle;
  }

  /** Bytes it has taken from its budget. */
  synchronized long taken() {
    return taken;
  }

  /** Gives everything back. */
  synchronized void freeAll() {
    handles.forEach(region::detach);
    handles.clear();
    blocks.forEach(b -> region.free(b.address, b.size));
    blocks.clear();
    budget.give(taken);
    taken = 0;
  }
}
