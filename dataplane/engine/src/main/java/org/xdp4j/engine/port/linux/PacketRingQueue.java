package org.xdp4j.engine.port.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.linux.Syscalls;
import org.xdp4j.engine.port.BatchClock;
import org.xdp4j.engine.port.ImmediateQueue;

/**
 * One queue of a {@link PacketRingPort}. What comes in is copied out of the ring, a tag that the
 * kernel took off put back. Owned by one worker's thread.
 */
final class PacketRingQueue extends ImmediateQueue implements AutoCloseable {
  private static final VarHandle STATUS = JAVA_INT.varHandle();
  private static final ValueLayout.OfShort BIG =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int KERNEL = 0;
  private static final int USER = 1;
  private static final int CSUM_NOT_READY = 1 << 3;
  private static final int VLAN_VALID = 1 << 4;
  private static final int VLAN_TPID_VALID = 1 << 6;
  private static final short VLAN = (short) 0x8100;
  private static final int ETHERNET = 14;
  private static final int ADDRESSES = 12;
  private static final int TAG = 4;

  private final int ifindex;
  private final PacketRing ring;
  private final MemorySegment from;
  private final MemorySegment memory;
  private final boolean offload;
  private final int header;
  private final BatchClock clock = new BatchClock();
  private final MessageBatch messages;
  private final Syscalls system = new Syscalls();
  private long block;
  private int next;
  private int left;
  private boolean open;
  private boolean ended;

  PacketRingQueue(int ifindex, PacketRing ring, boolean offload, Region region) {
    this.ifindex = ifindex;
    this.ring = ring;
    this.from = ring.memory;
    this.memory = region.segment();
    this.offload = offload;
    this.header = offload ? VirtioHeader.SIZE : 0;
    this.messages = new MessageBatch(region, header);
  }

  @Override
  public int receive(FramePool pool, Frame[] into, int max) {
    int count = 0;
    long bytes = 0;
    while (count < max && !ended && (left > 0 || openBlock())) {
      long at = block + next;
      int length = from.get(JAVA_INT, at + 12);
      int status = from.get(JAVA_INT, at + 20);
      int tag = (status & VLAN_VALID) != 0 ? TAG : 0;
      Frame frame = pool.acquire(length + tag, into[count]);
      if (frame == null && pool.canHold(length + tag)) {
        break; // the ring keeps it meanwhile
      }
      next += from.get(JAVA_INT, at);
      left--;
      if (frame == null) {
        counters.noBuffer(1);
        continue;
      }
      into[count] = frame;
      if (fill(frame, at, length, status, tag)) {
        bytes += frame.length();
        count++;
      } else {
        counters.rxError(1);
      }
    }
    if (left == 0 && open) {
      closeBlock();
    }
    if (count > 0) {
      stamp(into, count);
      counters.received(count, bytes);
    }
    return count;
  }

  private void stamp(Frame[] frames, int count) {
    clock.read();
    for (int i = 0; i < count; i++) {
      clock.stamp(frames[i]);
    }
  }

  private boolean openBlock() {
    if (open) {
      closeBlock();
    }
    if (((int) STATUS.getAcquire(from, block + 8) & USER) == 0) {
      return false;
    }
    open = true;
    left = from.get(JAVA_INT, block + 12);
    next = from.get(JAVA_INT, block + 16);
    return left > 0 || openBlock();
  }

  private void closeBlock() {
    STATUS.setRelease(from, block + 8, KERNEL);
    block += PacketRing.BLOCK;
    if (block == from.byteSize()) {
      block = 0;
    }
    open = false;
  }

  private boolean fill(Frame frame, long at, int length, int status, int tag) {
    long start = at + (from.get(JAVA_SHORT, at + 24) & 0xffff);
    if (length < ETHERNET) {
      return false;
    }
    if (tag == 0) {
      MemorySegment.copy(from, start, memory, frame.data, length);
    } else {
      long to = frame.data;
      MemorySegment.copy(from, start, memory, to, ADDRESSES);
      boolean known = (status & VLAN_TPID_VALID) != 0;
      memory.set(BIG, to + ADDRESSES, known ? from.get(JAVA_SHORT, at + 36) : VLAN);
      memory.set(BIG, to + ADDRESSES + 2, (short) from.get(JAVA_INT, at + 32));
      MemorySegment.copy(from, start + ADDRESSES, memory, to + ADDRESSES + TAG, length - ADDRESSES);
    }
    frame.cutBytes = Math.max(0, from.get(JAVA_INT, at + 16) - length);
    frame.ingress = ifindex;
    return readOffload(frame, start, status, tag);
  }

  private boolean readOffload(Frame frame, long start, int status, int tag) {
    if (!offload) {
      frame.checksumPartial = (status & CSUM_NOT_READY) != 0;
      return true;
    }
    long header = start - VirtioHeader.SIZE;
    if (from.get(JAVA_BYTE, header) == 0 && from.get(JAVA_BYTE, header + 1) == 0) {
      return true;
    }
    MemorySegment.copy(from, header, memory, frame.data - VirtioHeader.SIZE, VirtioHeader.SIZE);
    if (tag != 0 && from.get(JAVA_BYTE, header) != 0) {
      long sum = frame.data - VirtioHeader.SIZE + 6;
      memory.set(
          ValueLayout.JAVA_SHORT_UNALIGNED,
          sum,
          (short) (memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, sum) + tag));
    }
    return VirtioHeader.read(memory, frame);
  }

  @Override
  public int transmit(FramePool pool, Frame[] frames, int count) {
    if (ended) {
      counters.full(count);
      return 0;
    }
    int taken = messages.send(system, ring.socket, frames, count, counters);
    for (int i = 0; i < taken; i++) {
      pool.release(frames[i]);
    }
    if (taken < count) {
      counters.full(count - taken);
    }
    return taken;
  }

  @Override
  public int descriptor() {
    return ring.socket;
  }

  @Override
  public void drain(FramePool pool) {
    ended = true;
  }

  @Override
  public void close() {
    messages.close();
    system.close();
  }
}
