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
 * freed while one batch of frames runs. Some are set aside for that, which only replacements take
 * (Linux's allocator keeps some for each CPU), so that these go on when all memory is taken.
 */
final class GrowingPool {
  /** What a block has at most: elements, and bytes unless it is of one. */
  private static final int BLOCK = 256;

  private static final long BLOCK_BYTES = 64 << 10;

  /** Elements set aside for each CPU, at most: a batch's. */
  private static final int SPARES = 64;

  private record Block(long base, int count) {}

  private final MapMemory owned;
  private final long size;
  private final List<Block> blocks = new ArrayList<>();
  private final Resting resting;
  private final int limit;
  private final int spares;

  /** Blocks of which every element was taken once, and how many of the one after them were. */
  private int begun;

  private int used;

  /** Elements of all blocks, and how many of them were taken and not given back. */
  private long capacity;

  private long held;

  /**
   * @param size bytes of an element, a multiple of 8
   * @param limit elements in use at once, at most
   * @param cpus whose replacements elements are set aside for
   */
  GrowingPool(MapMemory owned, long size, int limit, int cpus) {
    this.owned = owned;
    this.size = size;
    this.limit = limit;
    this.spares = Math.clamp(BLOCK_BYTES / size, 1, Math.min(SPARES * cpus, limit));
    this.resting = new Resting(owned.region().rcu());
  }

  /**
   * An element's address.
   *
   * @param replaces whether another one is given back for it
   * @throws org.xdp4j.bpf.memory.OutOfRegionException when the region is full
   * @throws OverBudgetException when maps have taken what they may
   */
  long take(boolean replaces) {
    while (!replaces && capacity - held <= spares) {
      grow();
    }
    long element = takeFresh();
    element = element != 0 ? element : resting.take();
    if (element == 0) {
      grow();
      element = takeFresh();
    }
    held++;
    return element;
  }

  private long takeFresh() {
    while (begun < blocks.size()) {
      Block block = blocks.get(begun);
      if (used < block.count) {
        return block.base + size * used++;
      }
      begun++;
      used = 0;
    }
    return 0;
  }

  /** Takes a block: when there is not as much left, as large a one as there is. */
  private void grow() {
    long wanted = Math.max(0, limit - capacity) + spares;
    int count = (int) Math.max(1, Math.min(Math.min(BLOCK, BLOCK_BYTES / size), wanted));
    long base = 0;
    while (count > 1 && (base = owned.tryAllocate(size * count, 64)) == 0) {
      count >>>= 1;
    }
    blocks.add(new Block(base != 0 ? base : owned.allocate(size, 64), count));
    capacity += count;
  }

  /** Gives an element back. */
  void give(long element) {
    resting.add(element);
    held--;
  }

  /** The grace period that the next free element waits for; 0 when none does. */
  long firstToken() {
    return resting.firstToken();
  }

  /** Whether the bytes lie within {@code [offset, offset + length)} of one element. */
  boolean contains(long address, long bytes, long offset, long length) {
    return blocks.stream()
        .anyMatch(b -> BpfMap.withinSlot(address, bytes, b.base, size, b.count, offset, length));
  }
}
