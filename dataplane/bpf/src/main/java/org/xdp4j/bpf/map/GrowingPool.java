package org.xdp4j.bpf.map;

import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.memory.Rcu;
import org.xdp4j.bpf.memory.Resting;

/**
 * Elements of one size, taken from the region in blocks as they are needed, for maps that are not
 * preallocated. One thread at a time.
 *
 * <p>A freed element is used again after a grace period ({@link Rcu}), as in Linux: until then a
 * program may read it. So there may be more elements than are in use at once: as many more as are
 * freed while one batch of frames runs.
 */
final class GrowingPool {
  /** What a block has at most: elements, and bytes unless it is of one. */
  private static final int BLOCK = 256;

  private static final long BLOCK_BYTES = 64 << 10;

  /** Elements beyond those in use at once, for those that wait for a grace period. */
  private static final int SPARES = 64;

  private record Block(long base, int count) {}

  private final MapMemory owned;
  private final long size;
  private final List<Block> blocks = new ArrayList<>();
  private final Resting resting;
  private final int limit;
  private int used;

  /**
   * @param size bytes of an element, a multiple of 8
   * @param limit elements in use at once, at most
   */
  GrowingPool(MapMemory owned, long size, int limit) {
    this.owned = owned;
    this.size = size;
    this.limit = limit;
    this.resting = new Resting(owned.region().rcu());
  }

  /**
   * An element's address.
   *
   * @throws org.xdp4j.bpf.memory.OutOfRegionException when the region is full
   * @throws OverBudgetException when maps have taken what they may
   */
  long take() {
    Block last = blocks.isEmpty() ? null : blocks.getLast();
    if (last == null || used == last.count) {
      long rested = resting.take();
      if (rested != 0) {
        return rested;
      }
      last = grow();
    }
    return last.base + size * used++;
  }

  private Block grow() {
    long wanted = Math.max(0, limit - capacity()) + SPARES;
    int count = (int) Math.max(1, Math.min(Math.min(BLOCK, BLOCK_BYTES / size), wanted));
    Block block = new Block(owned.allocate(size * count, 64), count);
    blocks.add(block);
    used = 0;
    return block;
  }

  private long capacity() {
    return blocks.stream().mapToLong(Block::count).sum();
  }

  /** Gives an element back. */
  void give(long element) {
    resting.add(element);
  }

  /** Whether the bytes lie within {@code [offset, offset + length)} of one element. */
  boolean contains(long address, long bytes, long offset, long length) {
    return blocks.stream()
        .anyMatch(b -> BpfMap.withinSlot(address, bytes, b.base, size, b.count, offset, length));
  }
}
