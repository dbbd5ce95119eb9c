package org.xdp4j.net.stack;

import org.xdp4j.net.wire.Arp;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.Ethernet;
import org.xdp4j.net.wire.PacketBuffer;

/** Makes ARP packets (RFC 826, RFC 5227) and sends them. Owned by one worker. */
final class ArpSender {
  private final StackContext context;

  ArpSender(StackContext context) {
    this.context = context;
  }

  /**
   * Asks for an address.
   *
   * @param mac who is asked; -1 for all
   */
  void request(Interface out, int target, long mac) {
    int source = source(out, target);
    if (source != 0) {
      long to = mac >= 0 ? mac : Ethernet.BROADCAST;
      send(out, to, Arp.REQUEST, source, 0, target);
    }
  }

  /** Only who has no address at all borrows one: others wait until one of theirs can be used. */
  private int source(Interface out, int target) {
    InterfaceAddress own = out.source4(target);
    if (own != null) {
      return own.address().ipv4();
    }
    return out.ipv4.length == 0 ? context.borrowed4() : 0;
  }

  /** Asks whether anybody has an address, without claiming it (RFC 5227, section 2.1.1). */
  void probe(Interface out, int address) {
    send(out, Ethernet.BROADCAST, Arp.REQUEST, 0, 0, address);
  }

  /** Claims an address (RFC 5227, section 2.3). */
  void announce(Interface out, int address) {
    send(out, Ethernet.BROADCAST, Arp.REQUEST, address, 0, address);
  }

  /** Answers. */
  void reply(Interface out, int own, long mac, int address) {
    send(out, mac, Arp.REPLY, own, mac, address);
  }

  private void send(Interface out, long to, int operation, int from, long targetMac, int target) {
    PacketBuffer packet = context.exit.acquire(Arp.SIZE);
    if (packet != null) {
      Arp.write(context.memory, packet.network, operation, out.mac, from, targetMac, target);
      context.link.send(packet, out, to, EtherType.ARP);
    }
  }
}
