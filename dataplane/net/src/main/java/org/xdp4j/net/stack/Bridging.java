package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.link.Bridge;
import org.xdp4j.net.link.BridgePort;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.Ethernet;
import org.xdp4j.net.wire.PacketBuffer;

/**
 * Moves frames between the ports of a bridge (IEEE 802.1Q, section 8.6). Inside, a frame has no tag
 * of the bridge's own: it is taken off when the frame comes in and put on, where the port wants
 * one, when it leaves. Owned by one worker.
 */
final class Bridging {
  /** 01-80-C2-00-00-00 to -0F: never forwarded (IEEE 802.1Q, section 8.6.3). */
  private static final long RESERVED = 0x0180_c200_0000L;

  private static final int ADDRESSES = 12;
  private static final int PRIORITY = 0xf000; // of a tag: PCP and DEI

  private final StackContext context;

  Bridging(StackContext context) {
    this.context = context;
  }

  /**
   * Finds the VLAN of a frame with a whole Ethernet header, which stays as it is.
   *
   * @return its tag inside the bridge: the {@link #vlan}, and the priority it came with; or -1 when
   *     the port does not take the frame
   */
  int classify(PacketBuffer frame, BridgePort from) {
    MemorySegment memory = context.memory;
    long header = frame.data;
    if (Ethernet.type(memory, header) != EtherType.VLAN) {
      return from.untagged() == 0 ? -1 : from.untagged();
    }
    if (frame.dataEnd - header < Ethernet.SIZE + Ethernet.TAG_SIZE) {
      return -1;
    }
    int priority = Bytes.u16(memory, header + Ethernet.SIZE) & PRIORITY;
    int vlan = Ethernet.vlan(memory, header + Ethernet.SIZE);
    if (vlan == 0 ? from.untagged() == 0 : !from.carriesTagged(vlan)) {
      return -1;
    }
    return priority | (vlan == 0 ? from.untagged() : vlan);
  }

  /** Takes the tag off a frame that was classified, if it has one. */
  void untag(PacketBuffer frame) {
    MemorySegment memory = context.memory;
    long header = frame.data;
    if (Ethernet.type(memory, header) == EtherType.VLAN) {
      Bytes.copy(memory, header, header + Ethernet.TAG_SIZE, ADDRESSES);
      frame.data = header + Ethernet.TAG_SIZE;
    }
  }

  /** The VLAN of a frame's tag. */
  static int vlan(int tag) {
    return tag & ~PRIORITY;
  }

  static boolean isReserved(long destination) {
    return destination >>> 4 == RESERVED >>> 4;
  }

  /**
   * Sends an untagged frame to the ports it has to go to.
   *
   * @param from the port it came from, which it does not go back to; null for one of our own
   * @param tag its VLAN and priority, as from {@link #classify}
   * @param keep whether the frame itself stays with the caller, who has another use for it
   */
  Outcome forward(PacketBuffer frame, Bridge bridge, BridgePort from, int tag, boolean keep) {
    int vlan = vlan(tag);
    long destination = Ethernet.destination(context.memory, frame.data);
    if (!Ethernet.isGroup(destination)) {
      int port = bridge.stations().find(vlan, destination, context.now);
      BridgePort to = port < 0 ? null : bridge.find(port);
      if (to != null && to == from) {
        return context.exit.drop(frame, DropReason.BRIDGE_SAME_PORT);
      }
      if (to != null && to.isUp() && to.carries(vlan)) {
        return send(frame, to, tag);
      }
    }
    return flood(frame, bridge, from, tag, keep);
  }

  private Outcome flood(PacketBuffer frame, Bridge bridge, BridgePort from, int tag, boolean keep) {
    BridgePort last = null;
    for (int i = 0; i < bridge.portCount(); i++) {
      BridgePort to = bridge.port(i);
      if (to == from || !to.isUp() || !to.carries(vlan(tag))) {
        continue;
      }
      if (last != null) {
        sendCopy(frame, last, tag);
      }
      last = to;
    }
    if (keep) {
      if (last != null) {
        sendCopy(frame, last, tag);
      }
      return null;
    }
    return last == null
        ? context.exit.drop(frame, DropReason.BRIDGE_NO_PORT)
        : send(frame, last, tag);
  }

  private void sendCopy(PacketBuffer frame, BridgePort to, int tag) {
    PacketBuffer copy = context.exit.acquire(frame.length());
    if (copy != null) {
      Bytes.copy(context.memory, frame.data, copy.data, frame.length());
      copy.copyOffload(frame);
      send(copy, to, tag);
    }
  }

  private Outcome send(PacketBuffer frame, BridgePort to, int tag) {
    if (!to.carriesTagged(vlan(tag))) {
      return context.exit.transmit(frame, to.port());
    }
    MemorySegment memory = context.memory;
    long header = frame.data - Ethernet.TAG_SIZE;
    if (header < frame.start) {
      return context.exit.drop(frame, DropReason.NO_HEADROOM);
    }
    Bytes.copy(memory, frame.data, header, ADDRESSES);
    Ethernet.putType(memory, header, EtherType.VLAN);
    Bytes.put16(memory, header + Ethernet.SIZE, tag);
    frame.data = header;
    return context.exit.transmit(frame, to.port());
  }
}
