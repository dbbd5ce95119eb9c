package org.xdp4j.engine.port.pcap;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReference;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.frame.PartialChecksum;
import org.xdp4j.engine.port.BatchClock;
import org.xdp4j.engine.port.ImmediateQueue;
import org.xdp4j.engine.port.PortIdentity;
import org.xdp4j.engine.port.PortState;

/**
 * The queue of a {@link PcapPort}. Owned by one worker's thread; when its interface is gone,
 * another thread opens it again and leaves the new capture where the worker finds it.
 */
final class PcapQueue extends ImmediateQueue implements AutoCloseable {
  private static final int ETHERNET = 14;
  private static final long ASK_NANOS = 100_000_000L;
  private static final long RETRY_MILLIS = 250;

  private final int ifindex;
  private final int mtu;
  private final PcapOptions options;
  private final Libpcap library;
  private final MemorySegment memory;
  private final long base;
  private final BatchClock clock = new BatchClock();
  private final AtomicReference<PcapHandle> reopened = new AtomicReference<>();
  private final Thread[] opener = new Thread[1];
  private PcapHandle handle;
  private boolean pending;
  private boolean ended;
  private long asked;
  private final long[] before = new long[2];
  private volatile long[] drops = new long[2];
  private volatile PortState state = PortState.UP;
  private volatile long changes;
  private volatile String problem;
  private volatile boolean closed;

  PcapQueue(
      PortIdentity identity,
      PcapOptions options,
      Libpcap library,
      PcapHandle handle,
      Region region) {
    this.ifindex = identity.ifindex();
    this.mtu = identity.mtu();
    this.options = options;
    this.library = library;
    this.handle = handle;
    this.memory = region.segment();
    this.base = memory.address();
  }

  private boolean ready() {
    if (handle == null && !ended) {
      handle = reopened.getAndSet(null);
      if (handle != null) {
        problem = null;
        become(PortState.UP);
      }
    }
    return handle != null;
  }

  private void become(PortState now) {
    if (state != now) {
      state = now;
      changes = changes + 1; // one thread at a time: the owner, or the opener while it has it
    }
  }

  @Override
  public int receive(FramePool pool, Frame[] into, int max) {
    if (!ready()) {
      return 0;
    }
    int count = 0;
    int partial = 0;
    long bytes = 0;
    clock.read();
    while (count < max) {
      int status = pending ? 1 : handle.next();
      pending = false;
      if (status != 1) {
        if (status < 0) {
          lose();
        }
        break;
      }
      int length = handle.kept();
      Frame frame = length < ETHERNET ? null : pool.acquire(length, into[count]);
      if (frame == null) {
        if (length >= ETHERNET && pool.canHold(length)) {
          pending = true; // it stays in libpcap's buffer until there is room
          break;
        }
        refuse(length);
        continue;
      }
      MemorySegment.copy(handle.data(), 0, memory, frame.data, length);
      frame.cutBytes = Math.max(0, handle.wire() - length);
      frame.ingress = ifindex;
      partial += PartialChecksum.mark(memory, frame, mtu) ? 1 : 0;
      clock.stamp(frame);
      bytes += length;
      into[count++] = frame;
    }
    if (count > 0) {
      counters.received(count, bytes);
      counters.partial(partial);
    }
    ask();
    return count;
  }

  private void refuse(int length) {
    if (length < ETHERNET) {
      counters.rxError(1);
    } else {
      counters.noBuffer(1);
    }
  }

  /** Asks for drops now and then: libpcap may be asked by the owner only. */
  private void ask() {
    if (handle != null && clock.nanos() - asked > ASK_NANOS) {
      asked = clock.nanos();
      long[] now = handle.drops();
      drops = new long[] {before[0] + now[0], before[1] + now[1]};
    }
  }

  /** The interface is gone or down: has it opened again by another thread. */
  private void lose() {
    problem = handle.problem();
    before[0] = drops[0];
    before[1] = drops[1];
    handle.close();
    handle = null;
    pending = false;
    become(PortState.GONE);
    synchronized (opener) {
      opener[0] =
          Thread.ofPlatform().name("pcap of " + options.device()).daemon().start(this::reopen);
    }
  }

  private void reopen() {
    while (!closed) {
      try {
        reopened.set(new PcapHandle(library, options));
        return;
      } catch (IOException e) {
        problem = e.getMessage();
      }
      try {
        Thread.sleep(RETRY_MILLIS);
      } catch (InterruptedException e) {
        return; // the port is closed
      }
    }
  }

  @Override
  public int transmit(FramePool pool, Frame[] frames, int count) {
    if (!ready()) {
      counters.full(count);
      return 0;
    }
    long sent = 0;
    long bytes = 0;
    for (int i = 0; i < count; i++) {
      Frame frame = frames[i];
      if (handle.inject(base + frame.data, frame.length())) {
        sent++;
        bytes += frame.length();
      }
      pool.release(frame);
    }
    counters.sent(sent, bytes);
    if (sent < count) {
      counters.txError(count - sent);
    }
    return count;
  }

  @Override
  public int descriptor() {
    return handle == null ? -1 : handle.descriptor();
  }

  PortState state() {
    return state;
  }

  long changes() {
    return changes;
  }

  String problem() {
    return problem;
  }

  long[] drops() {
    return drops;
  }

  @Override
  public void drain(FramePool pool) {
    ended = true;
  }

  @Override
  public void close() {
    closed = true;
    synchronized (opener) {
      if (opener[0] != null) {
        opener[0].interrupt();
        try {
          opener[0].join();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }
    PcapHandle late = reopened.getAndSet(null);
    if (late != null) {
      late.close();
    }
    if (handle != null) {
      handle.close();
      handle = null;
    }
  }
}
