package org.xdp4j.bpf.map;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One CPU's buffer of perf events (kernel/events/ring_buffer.c): what programs on that CPU write
 * waits here for the reader, who is told how many records found no room before the next one that
 * did.
 *
 * <pre>
 *  | type 4 | bytes in all 4 | length 4 | data | pad to 8 |     a sample (PERF_RECORD_SAMPLE, raw)
 *  | type 4 | bytes in all 4 | (id) 8 | how many 8 |            lost (PERF_RECORD_LOST)
 * </pre>
 *
 * <p>A record fits exactly when it would in Linux: a buffer of as many pages, one byte of it never
 * used. Written by one thread at a time, the one that runs as this CPU; read by one at a time.
 */
public final class PerfRing {
  /** Takes what the buffer held. */
  public interface Reader {
    /** A program's data, then what of the packet it asked for. */
    void sample(byte[] data);

    /** So many records before the next one found no room. */
    void lost(long count);
  }

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int PAGE = 4096;
  private static final int LOST = 2;
  private static final int SAMPLE = 9;
  private static final int HEAD = 12;
  private static final int LOST_SIZE = 24;

  /** The most pages that a buffer may have: 1 GiB. */
  private static final int MOST_PAGES = 1 << 18;

  private final byte[] memory;
  private final int mask;
  private final AtomicLong head = new AtomicLong();
  private final AtomicLong tail = new AtomicLong();
  private final AtomicLong allLost = new AtomicLong();
  private final Wakeup readers;

  /** Not yet told; the writer's. */
  private long untold;

  /**
   * Makes one.
   *
   * @param pages of 4,096 bytes, a power of two
   * @param readers told of each record
   */
  public PerfRing(int pages, Wakeup readers) {
    if (pages < 1 || pages > MOST_PAGES || Integer.bitCount(pages) != 1) {
      throw new IllegalArgumentException(
          "a buffer has a power of two of pages, up to " + MOST_PAGES + ", not " + pages);
    }
    this.memory = new byte[pages * PAGE];
    this.mask = memory.length - 1;
    this.readers = readers;
  }

  /** Writes a record: false when there is no room, and it is lost. */
  boolean write(byte[] data) {
    int size = (HEAD + data.length + 7) & -8;
    long at = head.getPlain();
    long needed = size + (untold == 0 ? 0L : LOST_SIZE);
    if (needed > mask - (at - tail.getAcquire())) {
      untold++;
      allLost.lazySet(allLost.getPlain() + 1);
      return false;
    }
    if (untold != 0) {
      begin(at, LOST, LOST_SIZE);
      LONG.set(memory, (int) (at + 16 & mask), untold);
      untold = 0;
      at += LOST_SIZE;
    }
    begin(at, SAMPLE, size);
    INT.set(memory, (int) (at + 8 & mask), data.length);
    int from = (int) (at + HEAD & mask);
    int first = Math.min(data.length, memory.length - from);
    System.arraycopy(data, 0, memory, from, first);
    System.arraycopy(data, first, memory, 0, data.length - first);
    head.setRelease(at + size);
    readers.signal();
    return true;
  }

  private void begin(long at, int type, int size) {
    INT.set(memory, (int) (at & mask), type);
    INT.set(memory, (int) (at + 4 & mask), size);
  }

  /**
   * Gives what there is, oldest first.
   *
   * @return how many samples; 0 for none
   */
  public synchronized int read(Reader to) {
    int samples = 0;
    long at = tail.getPlain();
    long end = head.getAcquire();
    while (at < end) {
      int size = (int) INT.get(memory, (int) (at + 4 & mask));
      try {
        if ((int) INT.get(memory, (int) (at & mask)) == LOST) {
          to.lost((long) LONG.get(memory, (int) (at + 16 & mask)));
        } else {
          samples++;
          to.sample(sample(at));
        }
      } finally {
        at += size;
        tail.setRelease(at);
      }
    }
    return samples;
  }

  private byte[] sample(long at) {
    byte[] data = new byte[(int) INT.get(memory, (int) (at + 8 & mask))];
    int from = (int) (at + HEAD & mask);
    int first = Math.min(data.length, memory.length - from);
    System.arraycopy(memory, from, data, 0, first);
    System.arraycopy(memory, 0, data, first, data.length - first);
    return data;
  }

  /** Records that found no room so far, told or not. */
  public long lost() {
    return allLost.get();
  }
}
