package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.link.Bridge;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.Ethernet;
import org.xdp4j.net.wire.PacketBuffer;

/** Puts a link header before a packet and sends the frame. Owned by one worker. */
final class LinkOutput {
  private final StackContext context;
  private final MemorySegment memory;
  private final Exit exit;
  private final Bridging bridging;

  LinkOutput(StackContext context) {
    this.context = context;
    this.memory = context.memory;
    this.exit = context.exit;
    this.bridging = new Bridging(context);
  }

  /**
   * Sends a packet, whose network header is set, out of an interface.
   *
   * @param type what the packet is: an EtherType
   */
  Outcome send(PacketBuffer packet, Interface out, long destination, int type) {
    if (!out.isUp()) {
      return exit.drop(packet, DropReason.OUTPUT_DOWN);
    }
    int size = out.linkHeaderSize();
    long header = packet.network - size;
    if (header < packet.start) {
      return exit.drop(packet, DropReason.NO_HEADROOM);
    }
    packet.data = header;
    Ethernet.putDestination(memory, header, destination);
    Ethernet.putSource(memory, header, out.mac);
    if (size == Ethernet.SIZE) {
      Ethernet.putType(memory, header, type);
    } else {
      putTags(header, out, type);
    }
    if (out.bridge >= 0) {
      Bridge bridge = context.bridge(out.bridge);
      if (bridge == null) {
        return exit.drop(packet, DropReason.OUTPUT_DOWN);
      }
      return bridging.forward(packet, bridge, null, out.bridgeVlan(), false);
    }
    return exit.transmit(packet, out.port);
  }

  private void putTags(long header, Interface out, int type) {
    boolean twice = out.innerVlan != 0;
    Ethernet.putType(memory, header, twice ? out.outerType : EtherType.VLAN);
    long tag = header + Ethernet.SIZE;
    Bytes.put16(memory, tag, out.vlan);
    if (twice) {
      Bytes.put16(memory, tag + 2, EtherType.VLAN);
      tag += Ethernet.TAG_SIZE;
      Bytes.put16(memory, tag, out.innerVlan);
    }
    Bytes.put16(memory, tag + 2, type);
  }
}
