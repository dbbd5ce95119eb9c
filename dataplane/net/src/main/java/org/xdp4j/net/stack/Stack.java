package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.wire.Bytes;
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
  private static final long HOUSEKEEPING = 10_000_000L;

  private final StackContext context;
  private final StackCounters counters = new StackCounters();
  private final Exit exit;
  private final HoldQueue held;
  private final Resolver resolver;
  private final LinkInput input;
  private final Ipv4Sender ipv4Sender;
  private final Ipv6Sender ipv6Sender;
  private final RouterAdvertiser advertiser;
  private final DuplicateDetection duplicates;
  private long nextHousekeeping = Long.MIN_VALUE;

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
    ArpInput arp = new ArpInput(context, arpSender, held);
    advertiser = new RouterAdvertiser(context, ndSender);
    duplicates = new DuplicateDetection(context, arpSender, ndSender);

    Ipv4Fragmenter fragmenter = new Ipv4Fragmenter(context);
    ipv4Sender = new Ipv4Sender(context, resolver, fragmenter);
    ipv6Sender = new Ipv6Sender(context, resolver);
    TcpResets resets = new TcpResets(context, ipv4Sender, ipv6Sender);
    Icmp4Errors errors4 = new Icmp4Errors(context, ipv4Sender);
    Ipv4Local local4 = new Ipv4Local(context, ipv4Sender, errors4, resets);
    ForwardPolicy policy = new ForwardPolicy(context);
    Ipv4Forwarder forwarder4 = new Ipv4Forwarder(context, resolver, fragmenter, errors4, policy);
    Ipv4Input ipv4 = new Ipv4Input(context, forwarder4, local4, errors4, policy);

    Icmp6Errors errors6 = new Icmp6Errors(context, ipv6Sender);
    Ipv6Extensions extensions = new Ipv6Extensions(context, errors6);
    NdInput nd = new NdInput(context, ndSender, held, advertiser);
    Ipv6Local local6 = new Ipv6Local(context, ipv6Sender, errors6, extensions, nd, resets);
    Ipv6Forwarder forwarder6 = new Ipv6Forwarder(context, resolver, errors6, policy);
    Ipv6Input ipv6 = new Ipv6Input(context, forwarder6, local6, errors6, extensions);
    input = new LinkInput(context, arp, ipv4, ipv6);
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
    context.begin(port, now);
    exit.received();
    return input.receive(frame);
  }

  /**
   * Sends an IP packet made by the stack's owner, from {@code data} to {@code dataEnd} without a
   * link header, whose checksums are right.
   *
   * @param interfaceIndex the link of a link-local or group destination; else of no meaning
   */
  public Outcome send(PacketBuffer packet, int interfaceIndex, long now) {
    context.begin(-1, now);
    exit.originated();
    packet.network = packet.data;
    Exit.clear(packet);
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

  /**
   * Does what is due by now. To be called often, at least ten times a second; more often than every
   * {@value #HOUSEKEEPING} nanoseconds costs next to nothing.
   */
  public void tick(long now) {
    context.begin(-1, now);
    if (now < nextHousekeeping) {
      held.poll();
      return;
    }
    nextHousekeeping = now + HOUSEKEEPING;
    context.router.neighbors().tick(now, resolver);
    held.poll();
    if (context.router.nat() != null) {
      context.router.nat().tick(now);
    }
    if (context.router.filter() != null) {
      context.router.filter().tick(now);
    }
    duplicates.tick();
    advertiser.tick();
  }

  /** Drops what is held, so that the books close. */
  public void stop() {
    held.clear();
  }
}
