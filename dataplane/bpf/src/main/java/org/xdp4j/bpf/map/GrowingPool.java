package org.xdp4j.bpf.map;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Elements of one size, taken from the region in blocks as they are needed, for maps that are not
 * preallocated. One thread at a time.
 *
 * <p>A freed element rests until {@link #RESTING} others were freed after it: a program may still
 * point at it, and Linux too gives such memory back only after a grace period.
 */
final class GrowingPool {
  private static final int RESTING = 64;
  private static final int BLOCK = 256;

  private record Block(long base, int count) {}

  private final MapMemory owned;
  private final long size;
  private final int heap;
  private final List<Block> blocks = new ArrayList<>();
  private final ArrayDeque<Long> resting = new ArrayDeque<>();
  private int used = BLOCK;
  private int limit;

  /**
   * @param size bytes of an element, a multiple of 8
   * @param heap bytes of Java heap that go with an element
   * @param limit elements in use at once, at most
   */
  GrowingPool(MapMemory owned, long size, int heap, int limit) {
    this.heap = heap;
    this.owned = owned;
    this.size = size;
    this.limit = limit;
  }

  /**
   * An element's address.
   *
   * @throws org.xdp4j.bpf.memory.OutOfRegionException when the region is full
   * @throws OverBudgetException when maps have taken what they may
   */
  long take() {
    if (resting.size() > RESTING) {
      return resting.remove();
    }
    Block last = blocks.isEmpty() ? null : blocks.getLast();
    if (last == null || used == last.count) {
      if (!resting.isEmpty() && capacity() >= limit + (long) RESTING) {
        return resting.remove();
      }
      last = grow();
    }
    return last.base + size * used++;
  }

  private Block grow() {
    int count = (int) Math.max(1, Math.min(BLOCK, limit + (long) RESTING + 1 - capacity()));
    owned.heap((long) heap * count);
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
