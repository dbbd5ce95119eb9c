package org.xdp4j.bpf.map;

import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.xdp4j.bpf.memory.Region;

/**
 * {@code BPF_MAP_TYPE_USER_RINGBUF} (kernel/bpf/ringbuf.c): samples of any size from user space,
 * {@link #put} or {@link #reserve}, to the programs, one of which at a time takes them ({@link
 * #begin}, {@link #next}, {@link #end}). {@code max_entries} is the size in bytes.
 *
 * <pre>
 *  base                                              base + size         base + 2 x size
 *    | size 8 | sample | pad to 8 | size 8 | sample | pad |  overflow        |
 * </pre>
 *
 * Laid out as {@link RingBufferMap} is.
 */
public final class UserRingBufferMap extends RingMap {
  private static final VarHandle HEADS =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

  /** What {@link #next} gives when it skipped a sample that was discarded. */
  public static final long SKIPPED = -1;

  private final AtomicBoolean busy = new AtomicBoolean();

  /** Who waits until programs have taken samples. */
  private final Wakeup room = new Wakeup();

  UserRingBufferMap(MapSpec spec, MapMemory owned) {
    super(spec, owned);
  }

  /**
   * Room for a sample ({@code user_ring_buffer__reserve} of libbpf), which programs do not see, nor
   * any behind it, until it is submitted or discarded. One thread at a time; others wait.
   *
   * @return its address; -E2BIG when it can never fit; -ENOSPC when there is no room for it now
   */
  public synchronized long reserve(int size) {
    if ((size & ~LENGTH) != 0) {
      return Errno.E2BIG;
    }
    long needed = Words.roundUp8(size + (long) HEAD);
    if (needed > mask + 1) {
      return Errno.E2BIG;
    }
    long at = producer.getPlain();
    if (at + needed - consumer.getAcquire() > mask + 1) {
      return Errno.ENOSPC;
    }
    long head = base + (at & mask);
    memory.set(Region.LONG, head, size | BUSY & 0xFFFFFFFFL);
    producer.setRelease(at + needed);
    return head + HEAD;
  }

  /**
   * Gives a reserved sample to the programs.
   *
   * @param sample what {@link #reserve} gave
   */
  public void submit(long sample) {
    commit(sample, 0);
  }

  /** Lets the programs skip a reserved sample. */
  public void discard(long sample) {
    commit(sample, DISCARDED);
  }

  private void commit(long sample, int state) {
    int head = memory.get(Region.INT, sample - HEAD);
    if ((head & BUSY) == 0) {
      throw new IllegalStateException("the sample is not reserved, or was given before");
    }
    HEADS.setRelease(memory, sample - HEAD, head & ~BUSY | state);
  }

  /**
   * Gives a sample to the programs.
   *
   * @return 0; -E2BIG when it can never fit; -ENOSPC when there is no room for it now
   */
  public int put(byte[] sample) {
    long at = reserve(sample.length);
    if (at < 0) {
      return (int) at;
    }
    fill(at, sample);
    submit(at);
    return 0;
  }

  /**
   * The same, waiting until programs have made room ({@code user_ring_buffer__reserve_blocking}).
   *
   * @return 0; -E2BIG when it can never fit; -ENOSPC when there was no room in that time
   */
  public int put(byte[] sample, Duration timeout) throws InterruptedException {
    int done = room.await(() -> put(sample) == Errno.ENOSPC ? 0 : 1, timeout.toNanos());
    if (done == 0) {
      return Errno.ENOSPC;
    }
    return Words.roundUp8(sample.length + (long) HEAD) > mask + 1 ? Errno.E2BIG : 0;
  }

  /** A program begins to take samples: false when another does so already. */
  public boolean begin() {
    return busy.compareAndSet(false, true);
  }

  /**
   * Where the oldest sample lies, 0 when there is none that is whole, {@link #SKIPPED} after it
   * skipped one; between {@link #begin} and {@link #end}.
   */
  public long next() {
    long at = consumer.getPlain();
    if (at == producer.getAcquire()) {
      return 0;
    }
    long sample = base + (at & mask) + HEAD;
    int head = (int) HEADS.getAcquire(memory, sample - HEAD);
    if ((head & BUSY) != 0) {
      return 0;
    }
    if ((head & DISCARDED) != 0) {
      release(sample);
      return SKIPPED;
    }
    return sample;
  }

  /** Bytes of the sample that {@link #next} gave. */
  public int sizeOf(long sample) {
    return memory.get(Region.INT, sample - HEAD) & LENGTH;
  }

  /** The sample that {@link #next} gave is done with. */
  public void release(long sample) {
    long at = consumer.getPlain();
    consumer.setRelease(at + Words.roundUp8(sizeOf(sample) + (long) HEAD));
  }

  /** The program takes no more. */
  public void end() {
    busy.set(false);
    room.signal();
  }

  /** Bytes that wait to be taken, sizes and padding included. */
  public long waiting() {
    return unread();
  }

  /** Within the buffer: what of it a program is given, the dynptr says. */
  @Override
  public boolean containsValue(long address, long size) {
    return size >= 0 && address >= base && address <= base + 2 * (mask + 1) - size;
  }
}
