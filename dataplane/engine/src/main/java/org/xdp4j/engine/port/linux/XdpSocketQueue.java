package org.xdp4j.engine.port.linux;

import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.frame.PartialChecksum;
import org.xdp4j.engine.linux.LinuxException;
import org.xdp4j.engine.linux.Syscalls;
import org.xdp4j.engine.port.BatchClock;
import org.xdp4j.engine.port.PortCounters;
import org.xdp4j.engine.port.PortIdentity;
import org.xdp4j.engine.port.PortQueue;

/**
 * One queue of an {@link XdpSocketPort}. The worker's pool is the socket's memory: frames come to
 * where they stay and are sent from where they are. A frame of another pool is copied first.
 *
 * <p>The socket is made on the owner's thread, when the pool is known, and again when the interface
 * returned. Owned by one worker's thread.
 */
final class XdpSocketQueue implements PortQueue, AutoCloseable {
  /** Buffers given to the kernel at the most, and never more than half of the pool. */
  private static final int POSTED = 1024;

  /** System calls at the most in one round. */
  private static final int KICKS = 4;

  private static final long ADDRESS = (1L << 48) - 1;
  private static final int OFFSET_SHIFT = 48;

  private final int ifindex;
  private final int mtu;
  private final XdpSocketPort port;
  private final int number;
  private final MemorySegment memory;
  private final long base;
  private final Syscalls system = new Syscalls();
  private final PortCounters counters = new PortCounters();
  private final BatchClock clock = new BatchClock();
  private volatile XdpSocket socket;
  private volatile String problem;
  private int socketIndex;
  private Frame[] frames = new Frame[0];
  private long first;
  private long last;
  private long umem;
  private int chunk;
  private int posted;
  private int most;
  private int inFlight;
  private boolean ended;
  private final long[] dropsBefore = new long[2];

  XdpSocketQueue(PortIdentity identity, XdpSocketPort port, int number, Region region) {
    this.ifindex = identity.ifindex();
    this.mtu = identity.mtu();
    this.port = port;
    this.number = number;
    this.memory = region.segment();
    this.base = memory.address();
  }

  /** Whether there is a socket; makes one when it is due. */
  private boolean ready(FramePool pool) {
    int now = port.kernelIndex();
    if (socketIndex == now) {
      return socket != null;
    }
    if (ended) {
      return false;
    }
    closeSocket(pool);
    socketIndex = now; // tried once an interface
    try {
      first = pool.memory(FramePool.SMALL);
      last = first + pool.memorySize(FramePool.SMALL);
      chunk = FramePool.spacing();
      umem = XdpSocket.pageOf(base + first);
      long length = XdpSocket.pages(base + last - umem);
      frames = new Frame[(int) ((last - first) / chunk)];
      most = Math.min(POSTED, frames.length / 2);
      XdpSocket made = new XdpSocket(system, now, number, umem, length, chunk);
      try {
        port.put(system, number, made.descriptor);
      } catch (LinuxException e) {
        made.close();
        throw e;
      }
      socket = made;
      problem = null;
      return true;
    } catch (LinuxException e) {
      problem = e.getMessage();
      return false;
    }
  }

  private int index(long address) {
    return (int) ((address - (base + first - umem)) / chunk);
  }

  private void post(FramePool pool) {
    XdpRing fill = socket.fill;
    int wanted = Math.min(most - posted, fill.room());
    if (wanted < most / 8) {
      return;
    }
    int count = 0;
    for (; count < wanted; count++) {
      Frame frame = pool.acquire(FramePool.SMALL);
      if (frame == null) {
        break;
      }
      long at = base + frame.start - umem;
      frames[index(at)] = frame;
      fill.put(at);
    }
    posted += count;
    fill.publish();
  }

  @Override
  public int receive(FramePool pool, Frame[] into, int max) {
    if (!ready(pool)) {
      return 0;
    }
    post(pool);
    XdpRing rx = socket.rx;
    int count = Math.min(max, rx.available());
    if (count == 0) {
      return 0;
    }
    clock.read();
    int partial = 0;
    long bytes = 0;
    for (int i = 0; i < count; i++) {
      long address = rx.addressOf(i);
      int length = rx.lengthOf(i);
      int index = index(address & ADDRESS);
      Frame frame = frames[index];
      frames[index] = null;
      frame.begin(length);
      frame.data = (address & ADDRESS) + (address >>> OFFSET_SHIFT) + umem - base;
      frame.dataMeta = frame.data;
      frame.dataEnd = frame.data + length;
      frame.ingress = ifindex;
      partial += PartialChecksum.mark(memory, frame, mtu) ? 1 : 0;
      clock.stamp(frame);
      bytes += length;
      if (into[i] != null) {
        pool.release(into[i]);
      }
      into[i] = frame;
    }
    rx.release(count);
    posted -= count;
    counters.received(count, bytes);
    counters.partial(partial);
    return count;
  }

  @Override
  public int transmit(FramePool pool, Frame[] given, int count) {
    if (ended || !ready(pool)) {
      counters.full(count);
      return 0;
    }
    reclaim(pool);
    XdpRing tx = socket.tx;
    int room = Math.min(count, tx.room());
    int taken = 0;
    for (; taken < room; taken++) {
      Frame frame = own(pool, given[taken]);
      if (frame == null) {
        break;
      }
      long at = base + frame.data - umem;
      frames[index(base + frame.start - umem)] = frame;
      tx.put(at, frame.length());
    }
    if (taken > 0) {
      tx.publish();
      inFlight += taken;
    }
    if (taken < count) {
      counters.full(count - taken);
    }
    return taken;
  }

  /** The frame, or a copy of one that is not of this pool; null when there is no room for that. */
  private Frame own(FramePool pool, Frame frame) {
    if (frame.start >= first && frame.start < last) {
      return frame;
    }
    int length = frame.length();
    Frame copy = length <= FramePool.SMALL ? pool.acquire(length) : null;
    if (copy != null) {
      MemorySegment.copy(memory, frame.data, memory, copy.data, length);
      pool.release(frame);
    }
    return copy;
  }

  private int reclaim(FramePool pool) {
    XdpRing completion = socket.completion;
    int count = completion.available();
    long bytes = 0;
    for (int i = 0; i < count; i++) {
      int index = index(completion.value(i) & ADDRESS);
      Frame frame = frames[index];
      frames[index] = null;
      bytes += frame.length();
      pool.release(frame);
    }
    if (count > 0) {
      completion.release(count);
      inFlight -= count;
      counters.sent(count, bytes);
    }
    return count;
  }

  @Override
  public int poll(FramePool pool) {
    if (socket == null) {
      return 0;
    }
    // A call sends up to 32 frames.
    for (int calls = 0; calls < KICKS && socket.tx.pending() > 0; calls++) {
      system.kick(socket.descriptor);
    }
    return reclaim(pool);
  }

  @Override
  public int inFlight() {
    return inFlight;
  }

  @Override
  public int descriptor() {
    XdpSocket now = socket;
    return now == null ? -1 : now.descriptor;
  }

  @Override
  public PortCounters counters() {
    return counters;
  }

  /** Why there is no socket, or null. */
  String problem() {
    return problem;
  }

  /** Frames there was no buffer for, and no room in the ring, since the beginning. */
  synchronized long[] kernelDrops() {
    long[] now = socket == null ? new long[2] : socket.statistics();
    return new long[] {dropsBefore[0] + now[0], dropsBefore[1] + now[1]};
  }

  @Override
  public void drain(FramePool pool) {
    for (int tries = 0; socket != null && inFlight > 0 && tries < 1000; tries++) {
      if (poll(pool) == 0) {
        Thread.onSpinWait();
      }
    }
    ended = true;
    closeSocket(pool);
  }

  /** Closes it, so that the kernel has none of the frames any more, and gives them back. */
  private void closeSocket(FramePool pool) {
    if (socket == null) {
      return;
    }
    synchronized (this) {
      reclaim(pool);
      long[] drops = kernelDrops();
      dropsBefore[0] = drops[0];
      dropsBefore[1] = drops[1];
      socket.close();
      socket = null;
    }
    counters.txError(inFlight);
    inFlight = 0;
    posted = 0;
    for (int i = 0; i < frames.length; i++) {
      if (frames[i] != null) {
        pool.release(frames[i]);
        frames[i] = null;
      }
    }
  }

  @Override
  public void close() {
    system.close();
  }
}
