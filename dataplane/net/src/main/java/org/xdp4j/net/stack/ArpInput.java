package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.route.Neighbor;
import org.xdp4j.net.route.Neighbors;
import org.xdp4j.net.wire.Arp;
import org.xdp4j.net.wire.Ethernet;
import org.xdp4j.net.wire.PacketBuffer;

/** Learns from ARP packets and answers them (RFC 826; RFC 5227). Owned by one worker. */
final class ArpInput {
  private final StackContext context;
  private final ArpSender sender;
  private final HoldQueue held;

  ArpInput(StackContext context, ArpSender sender, HoldQueue held) {
    this.context = context;
    this.sender = sender;
    this.held = held;
  }

  Outcome receive(PacketBuffer packet, Interface in) {
    MemorySegment memory = context.memory;
    long arp = packet.network;
    if (packet.dataEnd - arp < Arp.SIZE || !Arp.isEthernetIpv4(memory, arp)) {
      return context.exit.drop(packet, DropReason.ARP_MALFORMED);
    }
    int operation = Arp.operation(memory, arp);
    long mac = Arp.senderMac(memory, arp);
    int sender4 = Arp.senderIp(memory, arp);
    boolean known = operation == Arp.REQUEST || operation == Arp.REPLY;
    if (!known || Ethernet.isGroup(mac) || mac == 0 || !canBeSender(sender4)) {
      return context.exit.drop(packet, DropReason.ARP_MALFORMED);
    }
    InterfaceAddress claimed = in.find4(sender4);
    if (claimed != null && mac != in.mac) {
      boolean isTheirs = claimed.isDuplicate();
      claimed.claimed();
      if (!isTheirs) {
        return conflict(packet, in, claimed);
      }
      claimed = null;
    }
    int target = Arp.targetIp(memory, arp);
    InterfaceAddress asked = in.find4(target);
    if (sender4 == 0) {
      return probe(packet, in, asked, mac);
    }
    boolean toUs = asked != null ? asked.isPreferred() : isBorrowed(in, target);
    learn(in, sender4, mac, operation, toUs);
    if (operation == Arp.REQUEST && toUs && claimed == null) {
      sender.reply(in, target, mac, sender4);
    }
    return context.exit.deliver(packet);
  }

  /** A sender is a single station of the link, or (in a probe) nobody. */
  private static boolean canBeSender(int address) {
    int first = address >>> 24;
    return address == 0 || first != 0 && first != 127 && first < 224;
  }

  /** An unnumbered interface asks from an address of another one, and answers to it. */
  private boolean isBorrowed(Interface in, int address) {
    return in.ipv4.length == 0 && address != 0 && address == context.borrowed4();
  }

  /** RFC 826: what is known is updated; only who talks to us is worth a new entry. */
  private void learn(Interface in, int address, long mac, int operation, boolean toUs) {
    Neighbors neighbors = context.router.neighbors();
    Neighbor entry = neighbors.find(in.index, false, (long) address << 32, 0);
    if (operation == Arp.REPLY && toUs) {
      if (entry != null) {
        neighbors.advertised(entry, mac, true, true, context.now);
      }
    } else if (entry != null || toUs && in.isOnLink(false, (long) address << 32, 0)) {
      neighbors.heard(in.index, false, (long) address << 32, 0, mac, context.now, toUs);
    }
    held.poll();
  }

  /** RFC 5227, section 2.1.1: somebody else is about to take an address. */
  private Outcome probe(PacketBuffer packet, Interface in, InterfaceAddress asked, long mac) {
    if (asked != null && mac != in.mac) {
      asked.claimed();
      if (asked.isPreferred()) {
        sender.reply(in, asked.address().ipv4(), mac, 0);
      }
    }
    return context.exit.deliver(packet);
  }

  /** RFC 5227, section 2.4: an address in use is defended, one being checked is given up. */
  private Outcome conflict(PacketBuffer packet, Interface in, InterfaceAddress claimed) {
    if (claimed.mayDefend(context.now)) {
      sender.announce(in, claimed.address().ipv4());
    }
    return context.exit.drop(packet, DropReason.ARP_CONFLICT);
  }
}
