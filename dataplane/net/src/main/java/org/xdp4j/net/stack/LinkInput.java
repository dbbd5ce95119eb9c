package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.link.Bridge;
import org.xdp4j.net.link.BridgePort;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.Ethernet;
import org.xdp4j.net.wire.Ipv4;
import org.xdp4j.net.wire.PacketBuffer;

/** A frame that came in: finds the interface or bridge it is for. Owned by one worker. */
final class LinkInput implements FragmentHold.Continuation {
  private final StackContext context;
  private final Exit exit;
  private final Bridging bridging;
  private final ArpInput arp;
  private final Ipv4Input ipv4;
  private final Ipv6Input ipv6;
  private final FragmentHold fragments;

  LinkInput(
      StackContext context, ArpInput arp, Ipv4Input ipv4, Ipv6Input ipv6, FragmentHold fragments) {
    this.fragments = fragments;
    this.context = context;
    this.exit = context.exit;
    this.bridging = new Bridging(context);
    this.arp = arp;
    this.ipv4 = ipv4;
    this.ipv6 = ipv6;
  }

  /** A frame from the port in the context. */
  Outcome receive(PacketBuffer frame) {
    Outcome outcome = take(frame);
    if (fragments.isDue()) {
      fragments.poll(this);
    }
    return outcome;
  }

  @Override
  public void resume(PacketBuffer packet, Interface in) {
    if (Ipv4.version(context.memory, packet.network) == 4) {
      ipv4.receive(packet, in);
    } else {
      ipv6.receive(packet, in);
    }
  }

  private Outcome take(PacketBuffer frame) {
    MemorySegment memory = context.memory;
    long header = frame.data;
    Exit.clear(frame);
    if (frame.dataEnd - header < Ethernet.SIZE) {
      return exit.drop(frame, DropReason.FRAME_TOO_SHORT);
    }
    if (Ethernet.isGroup(Ethernet.source(memory, header))) {
      return exit.drop(frame, DropReason.BAD_SOURCE_MAC);
    }
    Topology.PortInterfaces here = context.topology.onPort(context.port);
    if (here != null) {
      return toInterface(frame, here);
    }
    Bridge bridge = context.topology.bridgeOf(context.port);
    return bridge == null
        ? exit.drop(frame, DropReason.UNKNOWN_PORT)
        : toBridge(frame, bridge, bridge.find(context.port));
  }

  private Outcome toInterface(PacketBuffer frame, Topology.PortInterfaces here) {
    MemorySegment memory = context.memory;
    int type = Ethernet.type(memory, frame.data);
    long at = frame.data + Ethernet.SIZE;
    int outer = type;
    int key = 0;
    boolean others = false;
    for (int tags = 0; tags < 2 && EtherType.isVlan(type); tags++) {
      if (frame.dataEnd - at < Ethernet.TAG_SIZE) {
        return exit.drop(frame, DropReason.FRAME_TOO_SHORT);
      }
      int vlan = Ethernet.vlan(memory, at);
      others |= tags == 1 && type != EtherType.VLAN && vlan != 0;
      key = tags == 0 ? vlan << 12 : key | vlan;
      type = Ethernet.typeAfter(memory, at);
      at += Ethernet.TAG_SIZE;
    }
    Interface in = here.find(key);
    // A service VLAN and a customer's of the same number are two (IEEE 802.1Q, section 9.5).
    if (in == null || others || in.vlan != 0 && in.outerType != outer) {
      return exit.drop(frame, DropReason.UNKNOWN_VLAN);
    }
    frame.network = at;
    return receive(frame, in, type);
  }

  private Outcome toBridge(PacketBuffer frame, Bridge bridge, BridgePort from) {
    MemorySegment memory = context.memory;
    if (!from.isUp()) {
      return exit.drop(frame, DropReason.INTERFACE_DOWN);
    }
    long destination = Ethernet.destination(memory, frame.data);
    if (Bridging.isReserved(destination)) {
      return context.router.punts()
          ? exit.punt(frame, context.port, PuntReason.LINK_CONTROL)
          : exit.drop(frame, DropReason.LINK_CONTROL);
    }
    int tag = bridging.classify(frame, from);
    if (tag < 0) {
      return exit.drop(frame, DropReason.VLAN_FILTERED);
    }
    int vlan = Bridging.vlan(tag);
    bridge.stations().learn(vlan, Ethernet.source(memory, frame.data), from.port(), context.now);
    Interface own = context.topology.onBridge(bridge, vlan);
    boolean group = Ethernet.isGroup(destination);
    boolean isOurs = own != null && (group || destination == own.mac);
    if (isOurs && own.mirror && own.isUp()) {
      exit.mirror(frame, context.port); // As it came: with its tag.
    }
    bridging.untag(frame);
    if (!isOurs) {
      return bridging.forward(frame, bridge, from, tag, false);
    }
    if (group) {
      bridging.forward(frame, bridge, from, tag, true);
    }
    frame.network = frame.data + Ethernet.SIZE;
    return own.isUp()
        ? accept(frame, own, Ethernet.type(memory, frame.data))
        : exit.drop(frame, DropReason.INTERFACE_DOWN);
  }

  private Outcome receive(PacketBuffer frame, Interface in, int type) {
    if (!in.isUp()) {
      return exit.drop(frame, DropReason.INTERFACE_DOWN);
    }
    if (in.mirror) {
      exit.mirror(frame, context.port);
    }
    return accept(frame, in, type);
  }

  private Outcome accept(PacketBuffer frame, Interface in, int type) {
    long destination = Ethernet.destination(context.memory, frame.data);
    frame.linkGroup = Ethernet.isGroup(destination);
    if (!frame.linkGroup && destination != in.mac) {
      return exit.drop(frame, DropReason.NOT_FOR_US);
    }
    if (in.policer != null && !in.policer.take(frame.length(), context.now)) {
      return exit.drop(frame, DropReason.POLICED);
    }
    return switch (type) {
      case EtherType.IPV4 -> ipv4.receive(frame, in);
      case EtherType.IPV6 -> ipv6.receive(frame, in);
      case EtherType.ARP -> arp.receive(frame, in);
      default ->
          context.router.punts()
              ? exit.punt(frame, context.port, PuntReason.UNKNOWN_ETHERTYPE)
              : exit.drop(frame, DropReason.UNKNOWN_ETHERTYPE);
    };
  }
}
