package org.xdp4j.bpf.map;

import java.util.Map;
import java.util.TreeMap;

/**
 * Which pages of an arena are free, as the kernel's range tree has it (kernel/bpf/range_tree.c):
 * all but those that a program was given or reserved, and those that user space touched first. Not
 * thread-safe.
 */
final class ArenaPages {
  /** What {@link #find} answers when there is no such range. */
  static final int NONE = -1;

  /**
   * A range of free pages.
   *
   * @param end behind its last page
   * @param since a number that grows: of ranges of one size Linux takes the one that last became
   *     what it is
   */
  private record Range(int end, long since) {}

  /** By their first pages; no two touch. */
  private final TreeMap<Integer, Range> free = new TreeMap<>();

  private final int pages;
  private long changes;

  ArenaPages(int pages) {
    this.pages = pages;
    add(0, pages);
  }

  private void add(int first, int end) {
    free.put(first, new Range(end, changes++));
  }

  /** Whether all of the pages are there and free. */
  boolean isFree(int first, int count) {
    Map.Entry<Integer, Range> range = free.floorEntry(first);
    return range != null && first + (long) count <= range.getValue().end();
  }

  /** The pages are free no longer, if they were. */
  void give(int first, int count) {
    int end = (int) Math.min(pages, first + (long) count);
    Map.Entry<Integer, Range> range = free.floorEntry(first);
    if (range == null || range.getValue().end() <= first) {
      range = free.higherEntry(first);
    }
    while (range != null && range.getKey() < end) {
      int start = range.getKey();
      int last = range.getValue().end();
      free.remove(start);
      if (start < first) {
        add(start, first);
      }
      if (last > end) {
        add(end, last);
      }
      range = free.higherEntry(start);
    }
  }

  /** The pages are free again; ranges that touch become one. */
  void takeBack(int first, int count) {
    int end = (int) Math.min(pages, first + (long) count);
    if (isFree(first, end - first)) {
      return;
    }
    give(first, count);
    Map.Entry<Integer, Range> left = free.floorEntry(first);
    Range right = free.get(end);
    boolean joinsLeft = left != null && left.getValue().end() == first;
    if (right != null) {
      free.remove(end);
    }
    add(joinsLeft ? left.getKey() : first, right != null ? right.end() : end);
  }

  /** Where the range begins that Linux takes this many pages from. */
  int find(int count) {
    int found = NONE;
    int size = Integer.MAX_VALUE;
    long since = -1;
    for (Map.Entry<Integer, Range> range : free.entrySet()) {
      int own = range.getValue().end() - range.getKey();
      boolean better = own < size || own == size && range.getValue().since() > since;
      if (own >= count && better) {
        found = range.getKey();
        size = own;
        since = range.getValue().since();
      }
    }
    return found;
  }
}
