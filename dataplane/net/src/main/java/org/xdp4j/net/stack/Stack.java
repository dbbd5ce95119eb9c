package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.Ethernet;
import org.xdp4j.net.wire.Ipv4;
import org.xdp4j.net.wire.Ipv6;
import org.xdp4j.net.wire.PacketBuffer;

/**
 * One worker's network stack: takes the frames its program passed, and sees each to its end. Owned
 * by the worker's thread; what it shares with other workers' is in the {@link Router}.
 *
 * <p>Hosts are routers that do not forward: interfaces with forwarding off.
 */
public final class Stack {
  private final StackContext context;
  private final StackCounters counters = new StackCounters();
  private final Exit exit;
  private final HoldQueue held;
  private final Resolver resolver;
  private final ArpInput arp;
  private final Ipv4Input ipv4;
  private final Ipv6Input ipv6;
  private final Ipv4Sender ipv4Sender;
  private final Ipv6Sender ipv6Sender;
  private final RouterAdvertiser advertiser;
  private final DuplicateDetection duplicates;

  /**
   * Makes a stack.
   *
   * @param memory where all packets are, those of {@link Output#acquire} included
   */
  public Stack(MemorySegment memory, Router router, Output output) {
    exit = new Exit(output, counters);
    context = new StackContext(memory, router, exit);
    held = new HoldQueue(context);
    ArpSender arpSender = new ArpSender(context);
    NdSender ndSender = new NdSender(context);
    resolver = new Resolver(context, held, arpSender, ndSender);
    arp = new ArpInput(context, arpSender, held);
    advertiser = new RouterAdvertiser(context, ndSender);
    duplicates = new DuplicateDetection(context, arpSender, ndSender);

    Ipv4Fragmenter fragmenter = new Ipv4Fragmenter(context);
    ipv4Sender = new Ipv4Sender(context, resolver, fragmenter);
    Icmp4Errors errors4 = new Icmp4Errors(context, ipv4Sender);
    Ipv4Local local4 = new Ipv4Local(context, ipv4Sender, errors4);
    Ipv4Forwarder forwarder4 = new Ipv4Forwarder(context, resolver, fragmenter, errors4);
    ipv4 = new Ipv4Input(context, forwarder4, local4, errors4);

    ipv6Sender = new Ipv6Sender(context, resolver);
    Icmp6Errors errors6 = new Icmp6Errors(context, ipv6Sender);
    Ipv6Extensions extensions = new Ipv6Extensions(context, errors6);
    NdInput nd = new NdInput(context, ndSender, held, advertiser);
    Ipv6Local local6 = new Ipv6Local(context, ipv6Sender, errors6, extensions, nd);
    Ipv6Forwarder forwarder6 = new Ipv6Forwarder(context, resolver, errors6);
    ipv6 = new Ipv6Input(context, forwarder6, local6, errors6, extensions);
  }

  /** The books; any thread may read them. */
  public StackCounters counters() {
    return counters;
  }

  /**
   * Takes a frame, from {@code data} to {@code dataEnd}.
   *
   * @param port where it came in
   * @param now nanoseconds
   * @return what became of it; unless it is held, the output has it
   */
  public Outcome receive(PacketBuffer frame, int port, long now) {
    context.begin(now);
    exit.received();
    MemorySegment memory = context.memory;
    long header = frame.data;
    if (frame.dataEnd - header < Ethernet.SIZE) {
      return exit.drop(frame, DropReason.FRAME_TOO_SHORT);
    }
    Topology.PortInterfaces here = context.topology.onPort(port);
    if (here == null) {
      return exit.drop(frame, DropReason.UNKNOWN_PORT);
    }
    int type = Ethernet.type(memory, header);
    long at = header + Ethernet.SIZE;
    int key = 0;
    for (int tags = 0; tags < 2 && EtherType.isVlan(type); tags++) {
      if (frame.dataEnd - at < Ethernet.TAG_SIZE) {
        return exit.drop(frame, DropReason.FRAME_TOO_SHORT);
      }
      int vlan = Ethernet.vlan(memory, at);
      key = tags == 0 ? vlan << 12 : key | vlan;
      type = Ethernet.typeAfter(memory, at);
      at += Ethernet.TAG_SIZE;
    }
    Interface in = here.find(key);
    if (in == null) {
      return exit.drop(frame, DropReason.UNKNOWN_VLAN);
    }
    frame.network = at;
    return receive(frame, in, type);
  }

  private Outcome receive(PacketBuffer frame, Interface in, int type) {
    MemorySegment memory = context.memory;
    if (!in.isUp()) {
      return exit.drop(frame, DropReason.INTERFACE_DOWN);
    }
    if (in.mirror) {
      exit.mirror(frame, in.port);
    }
    if (Ethernet.isGroup(Ethernet.source(memory, frame.data))) {
      return exit.drop(frame, DropReason.BAD_SOURCE_MAC);
    }
    long destination = Ethernet.destination(memory, frame.data);
    frame.linkGroup = Ethernet.isGroup(destination);
    if (!frame.linkGroup && destination != in.mac) {
      return exit.drop(frame, DropReason.NOT_FOR_US);
    }
    return switch (type) {
      case EtherType.IPV4 -> ipv4.receive(frame, in);
      case EtherType.IPV6 -> ipv6.receive(frame, in);
      case EtherType.ARP -> arp.receive(frame, in);
      default -> unknown(frame, in);
    };
  }

  private Outcome unknown(PacketBuffer frame, Interface in) {
    return context.settings.punts()
        ? exit.punt(frame, in.port, PuntReason.UNKNOWN_ETHERTYPE)
        : exit.drop(frame, DropReason.UNKNOWN_ETHERTYPE);
  }

  /**
   * Sends an IP packet made by the stack's owner, from {@code data} to {@code dataEnd} without a
   * link header, whose checksums are right.
   *
   * @param interfaceIndex the link of a link-local or group destination; else of no meaning
   */
  public Outcome send(PacketBuffer packet, int interfaceIndex, long now) {
    context.begin(now);
    exit.originated();
    packet.network = packet.data;
    packet.linkGroup = false;
    MemorySegment memory = context.memory;
    int length = packet.length();
    int version = length == 0 ? 0 : Bytes.u8(memory, packet.network) >>> 4;
    if (version == 4 && length >= Ipv4.MIN_SIZE) {
      return ipv4Sender.send(packet);
    }
    if (version == 6 && length >= Ipv6.SIZE) {
      return ipv6Sender.send(packet, context.topology.byIndex(interfaceIndex));
    }
    return exit.drop(packet, DropReason.IPV4_BAD_HEADER);
  }

  /** Does what is due by now. To be called often, at least ten times a second. */
  public void tick(long now) {
    context.begin(now);
    context.router.neighbors().tick(now, resolver);
    held.poll();
    duplicates.tick();
    advertiser.tick();
  }

  /** Drops what is held, so that the books close. */
  public void stop() {
    held.clear();
  }
}
