package org.xdp4j.bpf.context;

import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.memory.Region;

/**
 * The structures of a kernel that a context has for programs, in memory that they read. They are
 * written when a program asks for them, and again when a helper moves the packet. Owned by the
 * context's thread.
 */
public final class KernelView {
  /** Bytes that Linux keeps behind a frame: {@code struct skb_shared_info}, aligned. */
  private static final int TAIL = 320;

  /** XDP_FLAGS_HAS_FRAGS. */
  private static final int HAS_FRAGMENTS = 1;

  /** Zeros that no member reaches. */
  private static final int ZERO = KernelStructure.BUFFER.size() - Long.BYTES;

  private final XdpContext context;
  private final MemorySegment memory;
  private KernelLayout shown;

  KernelView(XdpContext context) {
    this.context = context;
    this.memory = context.region.segment();
  }

  /** Where eight bytes are always 0. */
  public long zero() {
    return context.address + ZERO;
  }

  /** Shows the frame: its {@code xdp_buff}, and what that leads to. */
  public void show(KernelLayout layout) {
    shown = layout;
    moved();
    boolean leaves = context.egressIfindex != 0;
    put(KernelMember.RECEIVE_QUEUE, at(KernelStructure.RECEIVE_QUEUE));
    put(KernelMember.TRANSMIT_QUEUE, leaves ? at(KernelStructure.TRANSMIT_QUEUE) : 0);
    put(KernelMember.QUEUE_INDEX, context.rxQueueIndex);
    put(KernelMember.RECEIVE_DEVICE, at(KernelStructure.DEVICE));
    put(KernelMember.TRANSMIT_DEVICE, at(KernelStructure.TRANSMIT_DEVICE));
    device(KernelStructure.DEVICE, context.ingressIfindex);
    device(KernelStructure.TRANSMIT_DEVICE, context.egressIfindex);
  }

  /** Shows where the frame is now, if a program ever asked. */
  public void moved() {
    if (shown == null) {
      return;
    }
    put(KernelMember.DATA, context.data);
    put(KernelMember.DATA_END, context.dataEnd);
    put(KernelMember.DATA_META, context.dataMeta);
    put(KernelMember.HARD_START, context.frameStart);
    put(KernelMember.FRAME_SIZE, context.frameEnd - context.frameStart + TAIL);
    put(KernelMember.FLAGS, context.fragsSize != 0 ? HAS_FRAGMENTS : 0);
  }

  private void device(KernelStructure device, int ifindex) {
    Routing.Link link = ifindex == 0 ? null : context.routing.link(ifindex);
    put(device, KernelMember.IFINDEX, ifindex);
    put(device, KernelMember.MTU, link == null ? 0 : link.mtu());
  }

  /**
   * Shows the thread, and says where it is.
   *
   * @param pidTgid process in the upper half, thread in the lower
   * @param name at most 15 bytes
   */
  public long task(KernelLayout layout, long pidTgid, byte[] name) {
    KernelLayout frames = shown;
    shown = layout;
    put(KernelMember.PID, (int) pidTgid);
    put(KernelMember.TGID, pidTgid >>> Integer.SIZE);
    int offset = layout.offset(KernelMember.COMM);
    if (offset >= 0) {
      MemorySegment to = memory.asSlice(at(KernelStructure.TASK) + offset, 16);
      to.fill((byte) 0);
      MemorySegment.copy(MemorySegment.ofArray(name), 0, to, 0, Math.min(name.length, 15));
    }
    shown = frames;
    return at(KernelStructure.TASK);
  }

  private long at(KernelStructure structure) {
    return context.address + structure.place();
  }

  private void put(KernelMember member, long value) {
    put(member.structure(), member, value);
  }

  private void put(KernelStructure structure, KernelMember member, long value) {
    int offset = shown.offset(member);
    if (offset < 0) {
      return;
    }
    if (member.size() == Integer.BYTES) {
      memory.set(Region.INT, at(structure) + offset, (int) value);
    } else {
      memory.set(Region.LONG, at(structure) + offset, value);
    }
  }
}
