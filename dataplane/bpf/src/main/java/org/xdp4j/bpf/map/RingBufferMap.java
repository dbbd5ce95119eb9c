package org.xdp4j.bpf.map;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.xdp4j.bpf.memory.Region;

/**
 * {@code BPF_MAP_TYPE_RINGBUF} (kernel/bpf/ringbuf.c): records of any size from many producers, the
 * programs, to one consumer, {@link #poll}. {@code max_entries} is the size in bytes.
 *
 * <pre>
 *  base                                            base + size            base + 2 x size
 *    | head 8 | record | pad to 8 | head 8 | record | pad |  overflow         |
 *      '-- position of the record, modulo size
 * </pre>
 *
 * Positions only grow. A record begins at its position modulo the size and is always in one piece:
 * where Linux maps the buffer twice, one behind the other, here the last record runs on into the
 * overflow, and the next begins as far in as the overflow went. So a record fits exactly when it
 * would in Linux. Lengths and states, which Linux keeps in the heads, are a Java array; a head only
 * says whose record it is, because {@code bpf_ringbuf_submit} is not told.
 *
 * <p>Memory: 2 x size in the region, of which the overflow is touched no further than the largest
 * record; half the size of Java heap.
 */
public final class RingBufferMap extends RingMap {
  /** Takes a record; what it is given is valid during the call only. */
  @FunctionalInterface
  public interface RecordConsumer {
    /** The record lies at {@code [address, address + size)} of {@code memory}. */
    void record(MemorySegment memory, long address, int size);
  }

  private static final VarHandle HEADS = MethodHandles.arrayElementVarHandle(int[].class);

  // What bpf_ringbuf_query answers to (linux/bpf.h).
  private static final int AVAILABLE_DATA = 0;
  private static final int RING_SIZE = 1;
  private static final int CONSUMER_POSITION = 2;
  private static final int PRODUCER_POSITION = 3;

  private final int[] heads;
  private final AtomicInteger lock = new AtomicInteger();
  private final AtomicLong dropped = new AtomicLong();

  /** Who waits for records, or null. */
  private volatile Wakeup reader;

  /** The oldest record not committed yet; under the lock. */
  private long pending;

  RingBufferMap(MapSpec spec, MapMemory owned) {
    super(spec, owned);
    owned.heap(maxEntries / 2);
    heads = new int[maxEntries / HEAD];
  }

  /** The least size not below {@code size} that is allowed; {@code size} when there is none. */
  static int adjust(int size) {
    int power = Integer.highestOneBit(Math.max(PAGE, size));
    return power >= size || power == 1 << 30 ? Math.max(power, size) : power << 1;
  }

  /**
   * {@code bpf_ringbuf_reserve}: room for a record.
   *
   * @return its address, or 0 when there is no room
   */
  public long reserve(long size, long flags) {
    long address = flags != 0 ? 0 : tryReserve(size);
    if (address == 0) {
      dropped.incrementAndGet();
    }
    return address;
  }

  private long tryReserve(long size) {
    if (size < 0 || size > LENGTH || Words.roundUp8(size + HEAD) > mask + 1) {
      return 0;
    }
    lock();
    try {
      skipCommitted();
      long from = producer.getPlain();
      long to = from + Words.roundUp8(size + HEAD);
      if (to - consumer.getAcquire() > mask || to - pending > mask) {
        return 0;
      }
      HEADS.setRelease(heads, head(from), (int) size | BUSY);
      producer.setRelease(to);
      memory.set(Region.LONG, base + (from & mask), address());
      return base + (from & mask) + HEAD;
    } finally {
      lock.setRelease(0);
    }
  }

  private void lock() {
    for (int spins = 0; lock.get() != 0 || !lock.compareAndSet(0, 1); spins++) {
      HashIndex.pause(spins);
    }
  }

  private void skipCommitted() {
    long end = producer.getPlain();
    while (pending < end) {
      int head = (int) HEADS.getAcquire(heads, head(pending));
      if ((head & BUSY) != 0) {
        return;
      }
      pending += Words.roundUp8((head & LENGTH) + (long) HEAD);
    }
  }

  private int head(long position) {
    return (int) ((position & mask) / HEAD);
  }

  /**
   * The ring buffer that a record, not yet committed, was reserved from.
   *
   * @throws IllegalStateException when it is no such record, which only a fault of ours causes
   */
  public static RingBufferMap of(Region region, long record) {
    long owner = region.segment().get(Region.LONG, record - HEAD);
    if (region.attached(owner) instanceof RingBufferMap ring && ring.reserved(record)) {
      return ring;
    }
    throw new IllegalStateException("no record was reserved at address " + record);
  }

  /**
   * {@code bpf_ringbuf_submit} and {@code bpf_ringbuf_discard}: gives a reserved record to the
   * consumer, or lets it skip it.
   *
   * @param address of a record of this map, reserved and not yet committed
   */
  public void commit(long address, boolean discard) {
    int head = head(address - base - HEAD);
    int state = heads[head] & LENGTH | (discard ? DISCARDED : 0);
    HEADS.setRelease(heads, head, state);
    Wakeup waiting = reader;
    if (waiting != null) {
      waiting.signal();
    }
  }

  /**
   * Has a reader told of each record from now on, whatever BPF_RB_NO_WAKEUP says: it then only
   * learns of it sooner.
   *
   * @throws IllegalStateException when another one is told already
   */
  public synchronized void tell(Wakeup wakeup) {
    if (reader != null && reader != wakeup) {
      throw new IllegalStateException("another one waits for the records of map " + name());
    }
    reader = wakeup;
  }

  /** Ends {@link #tell}; does nothing when another one is told. */
  public synchronized void untell(Wakeup wakeup) {
    if (reader == wakeup) {
      reader = null;
    }
  }

  private boolean reserved(long address) {
    long offset = address - base - HEAD;
    return offset >= 0
        && offset <= mask
        && offset % HEAD == 0
        && ((int) HEADS.getAcquire(heads, head(offset)) & BUSY) != 0;
  }

  /** {@code bpf_ringbuf_output}: 0, -EINVAL for unknown flags, -EAGAIN when there is no room. */
  public long output(long data, long size, long flags) {
    long wakeups = 3; // BPF_RB_NO_WAKEUP, BPF_RB_FORCE_WAKEUP
    if ((flags & ~wakeups) != 0) {
      return Errno.EINVAL;
    }
    long record = reserve(size, 0);
    if (record == 0) {
      return Errno.EAGAIN;
    }
    MemorySegment.copy(memory, data, memory, record, size);
    commit(record, false);
    return 0;
  }

  /** {@code bpf_ringbuf_query}: 0 for a question it does not know. */
  public long query(long what) {
    if (what < AVAILABLE_DATA || what > PRODUCER_POSITION) {
      return 0;
    }
    return switch ((int) what) {
      case RING_SIZE -> mask + 1;
      case CONSUMER_POSITION -> consumer.getAcquire();
      case PRODUCER_POSITION -> producer.getAcquire();
      default -> unread();
    };
  }

  /** Records that found no room so far. */
  public long dropped() {
    return dropped.get();
  }

  /**
   * Gives every committed record up to the first that is still being written, oldest first. One
   * thread at a time; others wait.
   *
   * @return how many it gave; 0 when there was nothing
   */
  public synchronized int poll(RecordConsumer to) {
    int given = 0;
    long position = consumer.getPlain();
    long end = producer.getAcquire();
    while (position < end) {
      int head = (int) HEADS.getAcquire(heads, head(position));
      if ((head & BUSY) != 0) {
        break;
      }
      int size = head & LENGTH;
      try {
        if ((head & DISCARDED) == 0) {
          to.record(memory, base + (position & mask) + HEAD, size);
          given++;
        }
      } finally {
        position += Words.roundUp8(size + (long) HEAD);
        consumer.setRelease(position);
      }
    }
    return given;
  }

  /** {@link #poll} into byte arrays. */
  public List<byte[]> drain() {
    List<byte[]> records = new ArrayList<>();
    poll((m, address, size) -> records.add(bytes(address, size)));
    return records;
  }

  /** Within one record that is reserved and not yet committed. */
  @Override
  public boolean containsValue(long address, long size) {
    long end = producer.getAcquire();
    for (long at = consumer.getAcquire(); at < end; ) {
      int head = (int) HEADS.getAcquire(heads, head(at));
      long start = base + (at & mask) + HEAD;
      int length = head & LENGTH;
      if ((head & BUSY) != 0
          && size >= 0
          && address >= start
          && size <= length
          && address - start <= length - size) {
        return true;
      }
      at += Words.roundUp8(length + (long) HEAD);
    }
    return false;
  }
}
