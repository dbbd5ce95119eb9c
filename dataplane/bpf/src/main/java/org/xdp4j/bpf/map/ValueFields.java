package org.xdp4j.bpf.map;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.xdp4j.bpf.memory.Region;

/**
 * Copies the values of one map, of which the special fields are nobody's to copy (kernel:
 * copy_map_value).
 */
final class ValueFields {
  private final Region region;
  private final MemorySegment memory;
  private final int valueSize;
  private final SpecialField[] fields;
  private final int lock;

  ValueFields(MapSpec spec, Region region) {
    this.region = region;
    this.memory = region.segment();
    this.valueSize = spec.valueSize();
    List<SpecialField> sorted =
        spec.fields().stream().sorted((a, b) -> Integer.compare(a.offset(), b.offset())).toList();
    this.fields = sorted.toArray(SpecialField[]::new);
    this.lock = spec.offsetOf(SpecialField.Kind.SPIN_LOCK);
  }

  boolean hasLock() {
    return lock >= 0;
  }

  /** Copies all but the fields, which stay as they are. */
  void copy(long from, long to) {
    if (fields.length == 0) {
      Words.copy(memory, from, to, valueSize);
      return;
    }
    int at = 0;
    for (SpecialField field : fields) {
      MemorySegment.copy(memory, from + at, memory, to + at, field.offset() - at);
      at = field.offset() + field.kind().size();
    }
    MemorySegment.copy(memory, from + at, memory, to + at, valueSize - at);
  }

  /** Copies all but the fields, holding the lock of the value at {@code locked}. */
  void copyLocked(long from, long to, long locked) {
    SpinLock.lock(region, locked + lock);
    try {
      copy(from, to);
    } finally {
      SpinLock.unlock(region, locked + lock);
    }
  }

  /** Makes zeros of the fields in each of the values that user space is given. */
  void blank(byte[] values) {
    for (SpecialField field : fields) {
      for (int at = field.offset(); at < values.length; at += valueSize) {
        Arrays.fill(values, at, at + field.kind().size(), (byte) 0);
      }
    }
  }
}
