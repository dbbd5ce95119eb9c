package org.xdp4j.bpf.map;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * {@code BPF_MAP_TYPE_QUEUE} and {@code BPF_MAP_TYPE_STACK} (kernel/bpf/queue_stack_maps.c): values
 * without keys, taken from the oldest or from the newest.
 *
 * <pre>
 *  slots:   ... | oldest | ... | newest | free | ...       a ring of max_entries + 1
 *                 tail                    head
 * </pre>
 *
 * User space's keys are empty: {@link #put} pushes, {@link #get} peeks, {@link #pop} pops.
 *
 * <p>Memory: (value rounded up to 8) x (entries + 1).
 */
public final class QueueMap extends KeylessMap {
  private final boolean stack;
  private final long base;
  private final long stride;
  private final int slots;
  private final AtomicInteger lock = new AtomicInteger();
  private int head;
  private int tail;

  QueueMap(MapSpec spec, MapMemory owned) {
    super(spec, owned);
    stack = spec.type() == MapType.STACK;
    slots = maxEntries + 1;
    stride = Words.roundUp8(valueSize);
    base = owned.allocate(stride * slots, 64);
  }

  static void check(MapSpec spec) throws MapException {
    int flags = MapSpec.F_NUMA_NODE | MapSpec.ACCESS_FLAGS;
    new SpecCheck(spec).flags(flags).keylessValues().entries().done();
  }

  /** {@code bpf_map_push_elem}: 0, -EINVAL, or -E2BIG when full and not {@link #EXIST}. */
  @Override
  public long push(long value, long flags) {
    if ((flags & ~EXIST) != 0) {
      return Errno.EINVAL;
    }
    lock();
    try {
      int next = after(head);
      if (next == tail) {
        if (flags != EXIST) {
          return Errno.E2BIG;
        }
        tail = after(tail);
      }
      Words.copy(memory, value, slot(head), valueSize);
      head = next;
      return 0;
    } finally {
      lock.setRelease(0);
    }
  }

  /** {@code bpf_map_pop_elem}: 0, or -ENOENT, the value zeroed, when empty. */
  public long pop(long value) {
    return take(value, true);
  }

  /** {@code bpf_map_peek_elem}: as {@link #pop(long)}, the value staying. */
  @Override
  public long peek(long value) {
    return take(value, false);
  }

  private long take(long value, boolean remove) {
    lock();
    try {
      if (head == tail) {
        memory.asSlice(value, valueSize).fill((byte) 0);
        return Errno.ENOENT;
      }
      int from = stack ? (head + slots - 1) % slots : tail;
      Words.copy(memory, slot(from), value, valueSize);
      if (remove) {
        head = stack ? from : head;
        tail = stack ? tail : after(tail);
      }
      return 0;
    } finally {
      lock.setRelease(0);
    }
  }

  private void lock() {
    for (int spins = 0; !lock.compareAndSet(0, 1); spins++) {
      HashIndex.pause(spins);
    }
  }

  private int after(int slot) {
    return slot + 1 == slots ? 0 : slot + 1;
  }

  private long slot(int index) {
    return base + index * stride;
  }

  /** The values there are, the oldest first, all of which stay. */
  public List<byte[]> values() {
    lock();
    try {
      List<byte[]> values = new ArrayList<>();
      for (int at = tail; at != head; at = after(at)) {
        values.add(bytes(slot(at), valueSize));
      }
      return values;
    } finally {
      lock.setRelease(0);
    }
  }

  /** Takes a value out from user space; null when there is none. */
  public synchronized byte[] pop() {
    return pop(scratchValue()) == 0 ? bytes(scratchValue(), valueSize) : null;
  }

  @Override
  byte[] read(long key) {
    return peek(scratchValue()) == 0 ? bytes(scratchValue(), valueSize) : null;
  }

  @Override
  public long delete(long key) {
    return Errno.EINVAL;
  }

  @Override
  int walkError() {
    return Errno.EINVAL;
  }
}
