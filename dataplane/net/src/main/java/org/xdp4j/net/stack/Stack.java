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
  private final FragmentHold fragments;
  private final Reassembly reassembly;
  private final Resolver resolver;
  private final LinkInput input;
  private final Ipv4Sender ipv4Sender;
  private final Ipv6Sender ipv6Sender;
  private final RouterAdvertiser advertiser;
  private final MldSender listeners;
  private final DuplicateDetection duplicates;
  private final AnycastAnswers anycast;
  private final Express express;

  /** The frame of a batch that {@link #receive(PacketBuffer[], int, int, int, long)} is at. */
  private int position;

  /** Whether the frame at {@link #position} is in the books already. */
  private boolean counted;

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
    listeners = new MldSender(context);
    duplicates = new DuplicateDetection(context, arpSender, ndSender);

    Ipv4Fragmenter fragmenter = new Ipv4Fragmenter(context);
    ipv4Sender = new Ipv4Sender(context, resolver, fragmenter);
    ipv6Sender = new Ipv6Sender(context, resolver);
    TcpResets resets = new TcpResets(context, ipv4Sender, ipv6Sender);
    Icmp4Errors errors4 = new Icmp4Errors(context, ipv4Sender);
    reassembly = new Reassembly(context);
    Ipv4Local local4 = new Ipv4Local(context, ipv4Sender, errors4, resets, reassembly);
    fragments = new FragmentHold(context);
    ForwardPolicy policy = new ForwardPolicy(context, fragments);
    Ipv4Forwarder forwarder4 = new Ipv4Forwarder(context, resolver, fragmenter, errors4, policy);
    Ipv4Input ipv4 = new Ipv4Input(context, forwarder4, local4, errors4, policy);

    ErrorLimit limit6 = new ErrorLimit(context);
    Icmp6Errors errors6 = new Icmp6Errors(context, ipv6Sender, limit6);
    Icmp6Redirects redirects = new Icmp6Redirects(context, ndSender, ipv6Sender, limit6);
    Ipv6Extensions extensions = new Ipv6Extensions(context, errors6);
    anycast = new AnycastAnswers(context, ndSender);
    NdInput nd = new NdInput(context, ndSender, held, advertiser, anycast);
    MldInput mld = new MldInput(context);
    Ipv6Local local6 =
        new Ipv6Local(context, ipv6Sender, errors6, extensions, nd, mld, resets, reassembly);
    Ipv6Forwarder forwarder6 = new Ipv6Forwarder(context, resolver, errors6, redirects, policy);
    Ipv6Input ipv6 = new Ipv6Input(context, forwarder6, local6, errors6, extensions);
    input = new LinkInput(context, arp, ipv4, ipv6, fragments);
    express = router.expresses(memory).make(context, resolver, output, counters);
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
    held.poll();
    int way = express.begin() ? express.forward(frame) : Express.LONG_WAY;
    if (way != Express.LONG_WAY) {
      express.send(frame, way);
      express.end();
      return Outcome.TRANSMITTED;
    }
    exit.received();
    return input.receive(frame);
  }

  /**
   * Takes frames that came in together, one after the other; the output has each then, unless it is
   * held. Changes of others are seen from one batch to the next.
   *
   * @param from the first of them
   * @param to one past the last
   * @throws RuntimeException when a frame meets a fault of ours: the one at {@link #position}, and
   *     those behind it have not been looked at
   */
  public void receive(PacketBuffer[] frames, int from, int to, int port, long now) {
    position = from;
    counted = false;
    try {
      context.begin(port, now);
      held.poll();
      if (express.begin()) {
        receiveExpress(frames, from, to);
      } else {
        for (int i = from; i < to; i++) {
          receiveNext(frames, i);
        }
      }
    } catch (RuntimeException fault) {
      if (!counted) {
        exit.received();
      }
      throw fault;
    }
  }

  /** Frames that leave by the same port, one after the other, are handed over together. */
  private void receiveExpress(PacketBuffer[] frames, int from, int to) {
    int i = from;
    int first = from;
    int port = Express.LONG_WAY;
    try {
      for (; i < to; i++) {
        int way = express.forward(frames[i]);
        if (way != port) {
          int begin = first;
          first = i;
          int before = port;
          port = way;
          express.send(frames, begin, i, before);
        }
        if (way == Express.LONG_WAY) {
          first = i + 1;
          receiveNext(frames, i);
          express.forget();
        }
      }
    } catch (RuntimeException fault) {
      counted &= position == i;
      position = i;
      throw fault;
    } finally {
      express.send(frames, first, i, port);
      express.end();
    }
  }

  private void receiveNext(PacketBuffer[] frames, int i) {
    position = i;
    counted = true;
    exit.received();
    input.receive(frames[i]);
  }

  /** The frame of a batch that could not be received. */
  public int position() {
    return position;
  }

  /**
   * Looks at frames that are about to be received: where the forwarding tables are larger than a
   * cache, what is found for one is then on its way from memory while the next is looked at.
   * Changes nothing; {@link #receive} at the same time does not need it.
   */
  public void expect(PacketBuffer[] frames, int count, long now) {
    if (context.router.fib(false).isLarge() || context.router.fib(true).isLarge()) {
      express.expect(frames, count, now);
    }
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
      return ipv6Sender.send(packet, context.byIndex(interfaceIndex));
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
    context.settings = context.router.settings();
    context.router.neighbors().tick(now, resolver);
    held.pollAll();
    fragments.poll(input);
    reassembly.tick();
    if (context.router.nat() != null) {
      context.router.nat().tick(now);
    }
    if (context.router.filter() != null) {
      context.router.filter().tick(now);
    }
    listeners.tick(); // Before who asks for addresses: the answers are to groups.
    duplicates.tick();
    anycast.tick();
    advertiser.tick();
  }

  /** Tells hosts of interfaces that are about to leave; see {@link Router#leaveFor}. */
  public void sayFarewells(long now) {
    context.begin(-1, now);
    advertiser.sayFarewells();
  }

  /** Drops what is held, so that the books close. */
  public void stop() {
    held.clear();
    fragments.clear();
    reassembly.clear();
  }
}
