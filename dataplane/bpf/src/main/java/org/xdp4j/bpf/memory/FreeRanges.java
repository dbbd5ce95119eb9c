package org.xdp4j.bpf.memory;

import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The free parts of an address range: best fit, neighbours joined as they come back. Not thread
 * safe; {@link Region} holds its lock around every call.
 */
final class FreeRanges {
  /** No range was large enough. */
  static final long NONE = -1;

  private record Range(long start, long size) implements Comparable<Range> {
    /** By size, then by place. */
    @Override
    public int compareTo(Range other) {
      int bySize = Long.compare(size, other.size);
      return bySize != 0 ? bySize : Long.compare(start, other.start);
    }

    long end() {
      return start + size;
    }
  }

  private final TreeMap<Long, Range> byStart = new TreeMap<>();
  private final TreeSet<Range> bySize = new TreeSet<>();
  private long free;

  FreeRanges(long start, long end) {
    if (end > start) {
      insert(new Range(start, end - start));
    }
  }

  /** Bytes that are free, in however many pieces. */
  long free() {
    return free;
  }

  /** Takes {@code size} bytes from the smallest range they fit in, or answers {@link #NONE}. */
  long take(long size, long alignment) {
    for (Range range : bySize.tailSet(new Range(0, size), true)) {
      long address = (range.start() + alignment - 1) & -alignment;
      if (address >= range.start() && address - range.start() <= range.size() - size) {
        remove(range);
        insert(new Range(range.start(), address - range.start()));
        insert(new Range(address + size, range.end() - address - size));
        return address;
      }
    }
    return NONE;
  }

  /** Takes a range back; false when part of it is free already. */
  boolean give(long start, long size) {
    Map.Entry<Long, Range> before = byStart.floorEntry(start);
    Map.Entry<Long, Range> after = byStart.ceilingEntry(start);
    if (before != null && before.getValue().end() > start
        || after != null && after.getKey() < start + size) {
      return false;
    }
    Range joined = new Range(start, size);
    if (before != null && before.getValue().end() == start) {
      remove(before.getValue());
      joined = new Range(before.getKey(), before.getValue().size() + size);
    }
    if (after != null && after.getKey() == start + size) {
      remove(after.getValue());
      joined = new Range(joined.start(), joined.size() + after.getValue().size());
    }
    insert(joined);
    return true;
  }

  private void insert(Range range) {
    if (range.size() > 0) {
      byStart.put(range.start(), range);
      bySize.add(range);
      free += range.size();
    }
  }

  private void remove(Range range) {
    byStart.remove(range.start());
    bySize.remove(range);
    free -= range.size();
  }
}
