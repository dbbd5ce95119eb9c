package org.xdp4j.bpf.map;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.xdp4j.bpf.memory.Region;

/**
 * {@code BPF_MAP_TYPE_USER_RINGBUF} (kernel/bpf/ringbuf.c): samples of any size from user space,
 * {@link #put}, to the programs, one of which at a time takes them ({@link #begin}, {@link #next},
 * {@link #end}). {@code max_entries} is the size in bytes.
 *
 * <pre>
 *  base                                              base + size         base + 2 x size
 *    | size 8 | sample | pad to 8 | size 8 | sample | pad |  overflow        |
 * </pre>
 *
 * Laid out as {@link RingBufferMap} is. Memory: 2 x size in the region.
 */
public final class UserRingBufferMap extends BpfMap {
  private static final int PAGE = 4096;
  private static final int HEAD = 8;

  private final long base;
  private final long mask;
  private final AtomicLong consumer = new AtomicLong();
  private final AtomicLong producer = new AtomicLong();
  private final AtomicBoolean busy = new AtomicBoolean();

  UserRingBufferMap(MapSpec spec, MapMemory owned) {
    super(spec, owned);
    mask = maxEntries - 1L;
    base = owned.allocate(2L * maxEntries, PAGE);
  }

  static void check(MapSpec spec) throws MapException {
    RingBufferMap.check(spec);
  }

  /**
   * Gives a sample to the programs. One thread at a time; others wait.
   *
   * @return 0; -E2BIG when it can never fit; -ENOSPC when there is no room for it now
   */
  public synchronized int put(byte[] sample) {
    long needed = Words.roundUp8(sample.length + (long) HEAD);
    if (needed > mask + 1) {
      return Errno.E2BIG;
    }
    long at = producer.getPlain();
    if (at + needed - consumer.getAcquire() > mask + 1) {
      return Errno.ENOSPC;
    }
    long head = base + (at & mask);
    memory.set(Region.LONG, head, sample.length);
    MemorySegment.copy(sample, 0, memory, Region.BYTE, head + HEAD, sample.length);
    producer.setRelease(at + needed);
    return 0;
  }

  /** A program begins to take samples: false when another does so already. */
  public boolean begin() {
    return busy.compareAndSet(false, true);
  }

  /**
   * Where the oldest sample lies, 0 when there is none; between {@link #begin} and {@link #end}.
   */
  public long next() {
    long at = consumer.getPlain();
    return at == producer.getAcquire() ? 0 : base + (at & mask) + HEAD;
  }

  /** Bytes of the sample that {@link #next} gave. */
  public int sizeOf(long sample) {
    return memory.get(Region.INT, sample - HEAD);
  }

  /** The sample that {@link #next} gave is done with. */
  public void release(long sample) {
    long at = consumer.getPlain();
    consumer.setRelease(at + Words.roundUp8(sizeOf(sample) + (long) HEAD));
  }

  /** The program takes no more. */
  public void end() {
    busy.set(false);
  }

  /** Bytes that wait to be taken, sizes and padding included. */
  public long waiting() {
    return producer.getAcquire() - consumer.getAcquire();
  }

  @Override
  public long lookup(long key, int cpu) {
    return 0;
  }

  @Override
  public long update(long key, long value, long flags, int cpu) {
    return Errno.ENOTSUPP;
  }

  @Override
  public long delete(long key) {
    return Errno.ENOTSUPP;
  }

  @Override
  int nothingFound() {
    return Errno.ENOTSUPP;
  }

  @Override
  int walkError() {
    return Errno.ENOTSUPP;
  }

  @Override
  public Iterable<byte[]> keys() {
    return noKeys();
  }

  /** Within the buffer: what of it a program is given, the dynptr says. */
  @Override
  public boolean containsValue(long address, long size) {
    return size >= 0 && address >= base && address <= base + 2 * (mask + 1) - size;
  }
}
