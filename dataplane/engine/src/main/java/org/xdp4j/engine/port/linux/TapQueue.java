package org.xdp4j.engine.port.linux;

import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.linux.Errno;
import org.xdp4j.engine.linux.IoUring;
import org.xdp4j.engine.linux.LinuxException;
import org.xdp4j.engine.linux.Syscalls;
import org.xdp4j.engine.port.BatchClock;
import org.xdp4j.engine.port.PortCounters;
import org.xdp4j.engine.port.PortIdentity;
import org.xdp4j.engine.port.PortQueue;
import org.xdp4j.engine.port.PortState;

/**
 * One queue of a tap. Frames are read to where they stay, and written from where they are, a
 * virtio-net header before them if there are such headers.
 *
 * <p>With io_uring, reads and writes are gathered and made by one system call. How many reads to
 * ask for follows how many were good for something: twice as many when all were. Without, each is a
 * system call.
 *
 * <p>With offload a frame may have 64 KiB, which only reading it tells. So it is read into a large
 * buffer; if it then fits into a small one it is copied there, which costs less than a cache miss.
 *
 * <p>Owned by one worker's thread.
 */
final class TapQueue implements PortQueue, AutoCloseable {
  /** System calls gathered in one; 64 is where more no longer helps. */
  private static final int DEPTH = 64;

  /** The same for large frames, of which a pool has fewer. */
  private static final int LARGE_DEPTH = 16;

  private static final int ETHERNET = 14;
  private static final int MAX_LINK = 22; // two tags
  private static final int LARGEST = 0xffff + MAX_LINK;
  private static final long WRITE = 1L << 32;

  private final int ifindex;
  private final int descriptor;
  private final MemorySegment memory;
  private final long base;
  private final Supplier<PortState> state;
  private final Syscalls system = new Syscalls();
  private final PortCounters counters = new PortCounters();
  private final BatchClock clock = new BatchClock();
  private final boolean offload;
  private final int header;
  private final int length;
  private final int depth;
  private final Frame[] posted;
  private final Frame[] writing = new Frame[DEPTH];
  private int writes;
  private int wanted = 1;
  private boolean batched;
  private boolean ended;
  private IoUring ring;
  private FramePool registered;
  private long smallFrom;
  private long smallTo;
  private long largeFrom;
  private long largeTo;

  TapQueue(
      PortIdentity identity,
      TapOptions options,
      int descriptor,
      Region region,
      Supplier<PortState> state) {
    this.ifindex = identity.ifindex();
    this.descriptor = descriptor;
    this.memory = region.segment();
    this.base = region.segment().address();
    this.state = state;
    this.offload = options.offload();
    this.header = offload ? VirtioHeader.SIZE : 0;
    this.length = offload ? LARGEST : Math.max(FramePool.SMALL, identity.mtu() + MAX_LINK);
    this.depth = offload ? LARGE_DEPTH : DEPTH;
    this.posted = new Frame[depth];
    this.batched = options.batched();
  }

  /** Makes the ring on the owner's thread, and its pool's memory known; again for another owner. */
  private void prepare(FramePool pool) {
    if (registered != null) {
      poll(pool);
      giveUp(posted, pool);
      closeRing();
      smallFrom = smallTo = largeFrom = largeTo = 0;
    }
    registered = pool;
    if (!batched) {
      return;
    }
    try {
      ring = IoUring.open(system, descriptor, 2 * DEPTH);
    } catch (LinuxException e) {
      batched = false; // refused, or there is none: one by one, then
      return;
    }
    long small = pool.memory(FramePool.SMALL);
    long smallSize = pool.memorySize(FramePool.SMALL);
    boolean two = length > FramePool.SMALL && pool.memory(length) != 0;
    long large = two ? pool.memory(length) : small;
    long largeSize = two ? pool.memorySize(length) : smallSize;
    long done =
        two
            ? ring.register(base + small, smallSize, base + large, largeSize)
            : ring.register(base + small, smallSize);
    if (done == 0) {
      smallFrom = small;
      smallTo = small + smallSize;
      largeFrom = two ? large : 0;
      largeTo = two ? large + largeSize : 0;
    }
  }

  private int buffer(Frame frame) {
    long start = frame.start;
    if (start >= smallFrom && start < smallTo) {
      return 0;
    }
    return start >= largeFrom && start < largeTo ? 1 : -1;
  }

  @Override
  public int receive(FramePool pool, Frame[] into, int max) {
    if (registered != pool) {
      prepare(pool);
    }
    if (ended || state.get() == PortState.GONE) {
      poll(pool);
      return 0;
    }
    received = 0;
    receivedBytes = 0;
    if (ring != null) {
      receiveTogether(pool, into, Math.min(max, depth));
    } else {
      receiveEach(pool, into, max);
    }
    if (received > 0) {
      clock.read();
      for (int i = 0; i < received; i++) {
        clock.stamp(into[i]);
      }
      counters.received(received, receivedBytes);
    }
    return received;
  }

  private int received;
  private long receivedBytes;

  private void receiveTogether(FramePool pool, Frame[] into, int max) {
    int reads = 0;
    int most = Math.min(max, wanted);
    while (reads < most && post(pool, reads)) {
      Frame frame = posted[reads];
      ring.read(base + frame.data - header, length + header, buffer(frame), reads);
      reads++;
    }
    submit(pool, into);
    if (received == most) {
      wanted = Math.min(depth, 2 * most);
    } else {
      wanted = Math.max(1, received);
    }
  }

  private boolean post(FramePool pool, int index) {
    if (posted[index] == null) {
      posted[index] = pool.acquire(length);
    }
    return posted[index] != null;
  }

  private void submit(FramePool pool, Frame[] into) {
    int done = ring.submit();
    if (done < 0) {
      abandonRing(pool);
      return;
    }
    long sent = 0;
    long bytes = 0;
    while (ring.next()) {
      long tag = ring.tag();
      int result = ring.result();
      if (tag < WRITE) {
        accept(pool, into, (int) tag, result);
        continue;
      }
      Frame frame = writing[(int) (tag - WRITE)];
      if (result > 0) {
        sent++;
        bytes += frame.length();
      } else {
        counters.txError(1);
      }
      pool.release(frame);
    }
    writes = 0;
    if (sent > 0) {
      counters.sent(sent, bytes);
    }
  }

  /** The ring itself fails, which nothing here can cause: on without it. */
  private void abandonRing(FramePool pool) {
    ring.close();
    ring = null;
    counters.txError(writes);
    for (int i = 0; i < writes; i++) {
      pool.release(writing[i]);
    }
    writes = 0;
  }

  private void receiveEach(FramePool pool, Frame[] into, int max) {
    while (received < max && post(pool, 0)) {
      long count = system.read(descriptor, base + posted[0].data - header, length + header);
      accept(pool, into, 0, (int) count);
      if (count < 0) {
        break;
      }
    }
  }

  /** Takes what was read into a posted frame. */
  private void accept(FramePool pool, Frame[] into, int index, int result) {
    if (result < ETHERNET + header) {
      if (result != -Errno.EAGAIN && result != -Errno.EBADFD) {
        counters.rxError(1);
      }
      return;
    }
    Frame frame = posted[index];
    int size = result - header;
    if (offload && size <= FramePool.SMALL) {
      Frame small = pool.acquire(size, into[received]);
      if (small == null) {
        counters.noBuffer(1);
        return;
      }
      MemorySegment.copy(
          memory, frame.data - header, memory, small.data - header, (long) size + header);
      into[received] = null;
      frame = small;
    } else {
      posted[index] = null;
      frame.dataEnd = frame.data + size;
    }
    if (offload && !VirtioHeader.read(memory, frame)) {
      counters.rxError(1);
      pool.release(frame);
      return;
    }
    if (into[received] != null) {
      pool.release(into[received]);
    }
    frame.ingress = ifindex;
    receivedBytes += size;
    into[received++] = frame;
  }

  @Override
  public int transmit(FramePool pool, Frame[] frames, int count) {
    if (registered != pool) {
      prepare(pool);
    }
    if (ended) {
      counters.full(count);
      return 0;
    }
    return ring != null ? transmitTogether(pool, frames, count) : transmitEach(pool, frames, count);
  }

  private int transmitTogether(FramePool pool, Frame[] frames, int count) {
    for (int i = 0; i < count; i++) {
      Frame frame = frames[i];
      if (writes == DEPTH) {
        poll(pool);
      }
      if (ring == null) {
        counters.full(count - i);
        return i;
      }
      if (!seal(frame)) {
        counters.txError(1);
        pool.release(frame);
        continue;
      }
      ring.write(
          base + frame.data - header, frame.length() + header, buffer(frame), WRITE + writes);
      writing[writes++] = frame;
    }
    return count;
  }

  private int transmitEach(FramePool pool, Frame[] frames, int count) {
    long sent = 0;
    long bytes = 0;
    for (int i = 0; i < count; i++) {
      Frame frame = frames[i];
      int size = frame.length() + header;
      if (seal(frame) && system.write(descriptor, base + frame.data - header, size) == size) {
        sent++;
        bytes += frame.length();
      }
      pool.release(frame);
    }
    if (sent > 0) {
      counters.sent(sent, bytes);
    }
    if (sent < count) {
      counters.txError(count - sent);
    }
    return count;
  }

  private boolean seal(Frame frame) {
    return !offload || VirtioHeader.writeBefore(memory, frame);
  }

  @Override
  public int poll(FramePool pool) {
    int done = writes;
    if (done > 0) {
      submit(pool, null);
    }
    return done;
  }

  @Override
  public int inFlight() {
    return writes;
  }

  @Override
  public int descriptor() {
    return descriptor;
  }

  @Override
  public PortCounters counters() {
    return counters;
  }

  @Override
  public void drain(FramePool pool) {
    poll(pool);
    ended = true;
    giveUp(posted, pool);
  }

  private static void giveUp(Frame[] frames, FramePool pool) {
    for (int i = 0; i < frames.length; i++) {
      if (frames[i] != null) {
        pool.release(frames[i]);
        frames[i] = null;
      }
    }
  }

  private void closeRing() {
    if (ring != null) {
      ring.close();
      ring = null;
    }
  }

  @Override
  public void close() {
    closeRing();
    system.close();
  }
}
