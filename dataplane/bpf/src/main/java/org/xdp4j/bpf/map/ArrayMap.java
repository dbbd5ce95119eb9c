package org.xdp4j.bpf.map;

import static org.xdp4j.bpf.map.Errno.E2BIG;
import static org.xdp4j.bpf.map.Errno.EEXIST;
import static org.xdp4j.bpf.map.Errno.EINVAL;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.memory.Region;

/**
 * {@code BPF_MAP_TYPE_ARRAY} (kernel/bpf/arraymap.c): values side by side, always all there. Also
 * what a data section becomes.
 *
 * <pre>
 *  base                base + stride
 *    | value 0 | pad     | value 1 | pad     | ...          stride = value size rounded up to 8
 * </pre>
 *
 * Memory: stride x entries.
 */
public final class ArrayMap extends BpfMap {
  private final long base;
  private final long stride;

  ArrayMap(MapSpec spec, MapMemory owned) {
    super(spec, owned);
    stride = Words.roundUp8(valueSize);
    base = owned.allocate(stride * maxEntries, 64);
    if (spec.data() != null) {
      fill(base, spec.data());
    }
  }

  static void check(MapSpec spec) throws MapException {
    int flags =
        MapSpec.F_NUMA_NODE | MapSpec.F_MMAPABLE | MapSpec.ACCESS_FLAGS | MapSpec.F_INNER_MAP;
    new SpecCheck(spec).flags(flags).keySize(4).values().entries().done();
    if (spec.data() != null && spec.data().length > spec.valueSize()) {
      throw MapException.of(
          spec,
          Errno.E2BIG,
          "has " + spec.data().length + " bytes of data for a value of " + spec.valueSize());
    }
  }

  /** Address of the first value: compiled programs index from it. */
  public long base() {
    return base;
  }

  /** Bytes from one value to the next. */
  public long stride() {
    return stride;
  }

  @Override
  public long lookup(long key, int cpu) {
    int index = memory.get(Region.INT, key);
    return Integer.compareUnsigned(index, maxEntries) < 0 ? base + index * stride : 0;
  }

  @Override
  public long update(long key, long value, long flags, int cpu) {
    int index = memory.get(Region.INT, key);
    if (Long.compareUnsigned(flags & ~F_LOCK, EXIST) > 0) {
      return EINVAL;
    }
    if (Integer.compareUnsigned(index, maxEntries) >= 0) {
      return E2BIG;
    }
    if ((flags & NOEXIST) != 0) {
      return EEXIST;
    }
    long to = base + index * stride;
    if ((flags & F_LOCK) == 0) {
      fields.copy(value, to);
    } else if (fields.hasLock()) {
      fields.copyLocked(value, to, to);
    } else {
      return EINVAL;
    }
    clearFields(to);
    return 0;
  }

  @Override
  public long delete(long key) {
    return EINVAL;
  }

  /**
   * Writes a part of the first value from user space, and touches nothing beside it: programs go on
   * writing there.
   *
   * @return 0, -EPERM as {@link #put}, or -EINVAL when the part is not within the value
   */
  public synchronized int writePart(int offset, byte[] part) {
    if (!writable()) {
      return Errno.EPERM;
    }
    if (offset < 0 || offset > valueSize - part.length) {
      return EINVAL;
    }
    long to = base + offset;
    boolean word = part.length == Long.BYTES && (offset & 7) == 0;
    boolean half = part.length == Integer.BYTES && (offset & 3) == 0;
    ByteBuffer bytes = ByteBuffer.wrap(part).order(ByteOrder.LITTLE_ENDIAN);
    if (word) {
      memory.set(Region.LONG, to, bytes.getLong());
    } else if (half) {
      memory.set(Region.INT, to, bytes.getInt());
    } else {
      fill(to, part);
    }
    return 0;
  }

  @Override
  boolean hasBatches() {
    return true;
  }

  @Override
  public Iterable<byte[]> keys() {
    return indexKeys(maxEntries, i -> true);
  }

  /**
   * The keys of values that are not all zero, in order. Values are looked at where they lie, eight
   * bytes at once: a large array that hardly anybody wrote to is gone through in no time.
   */
  public List<byte[]> nonZeroKeys() {
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < maxEntries; i++) {
      long value = base + i * stride;
      for (long at = value; at < value + stride; at += Long.BYTES) {
        if ((long) Region.LONG_AT.get(memory, at) != 0) {
          keys.add(indexKey(i));
          break;
        }
      }
    }
    return keys;
  }

  @Override
  public boolean containsValue(long address, long size) {
    return withinSlot(address, size, base, stride, maxEntries, 0, valueSize);
  }

  @Override
  public long forEach(XdpContext context, long function, long argument) {
    return ElementWalk.ofArray(this, context, function, argument);
  }

  @Override
  long keyOf(long value, XdpContext context) {
    long key = context.keyWord();
    memory.set(Region.INT, key, (int) ((value - base) / stride));
    return key;
  }

  @Override
  int elements() {
    return maxEntries;
  }

  @Override
  long valueOf(int element, int cpu) {
    return base + element * stride;
  }
}
