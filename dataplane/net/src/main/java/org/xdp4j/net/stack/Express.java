package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.route.Fib;
import org.xdp4j.net.route.NextHop;
import org.xdp4j.net.route.Route;
import org.xdp4j.net.route.RouteType;
import org.xdp4j.net.stack.StackCounters.Total;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.Checksum;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.Ethernet;
import org.xdp4j.net.wire.Ipv4;
import org.xdp4j.net.wire.PacketBuffer;

/**
 * The short way of most packets a router forwards: IPv4 without options or VLAN tags, to us as the
 * router, one next hop whose address is known, out of another interface, small enough, and nobody
 * who wants to be asked (filter, NAT, policer, mirror, reverse path). Eight loads and stores of the
 * frame find that out and send it; {@code bench/run forward} says what that saves.
 *
 * <p>It decides nothing by itself: a frame that fails any of its checks is left exactly as it was
 * to the long way ({@link LinkInput}), which knows every rule and every reason. Owned by one
 * worker.
 *
 * <pre>
 *  0  destination (6)   6  source (6)   12  type   14  version ... fragment (8)
 *  22  TTL, protocol, checksum, source (8)         30  destination (4)
 * </pre>
 */
final class Express {
  /** What {@link #forward} says of a frame that this way is not for. */
  static final int LONG_WAY = -1;

  private static final long GROUP_SOURCE = 1L << 56;
  private static final long WORD = 0xffff_ffffL;
  private static final int VERSION_AND_SIZE = 0x45;
  private static final int IP = Ethernet.SIZE;

  private final StackContext context;
  private final Resolver resolver;
  private final Output output;
  private final StackCounters counters;
  private final MemorySegment memory;

  /** As of the beginning of this batch; null when nothing that comes in goes the short way. */
  private Interface in;

  private Topology topology;
  private Fib fib;
  private int forwarded;

  /** The last gateway's next hop of this batch that packets can go to now, or null. */
  private NextHop known;

  private Interface knownOut;
  private long knownMac;

  Express(StackContext context, Resolver resolver, Output output, StackCounters counters) {
    this.context = context;
    this.resolver = resolver;
    this.output = output;
    this.counters = counters;
    this.memory = context.memory;
  }

  /** Frames come in from the port in the context; says whether any of them may go this way. */
  boolean begin() {
    topology = context.topology;
    Topology.PortInterfaces here = topology.onPort(context.port);
    Interface plain = here == null ? null : here.find(0);
    Router router = context.router;
    boolean asked = router.filter() != null || router.nat() != null;
    in = plain == null || asked || !plain.isPlainRouter() || !plain.isUp() ? null : plain;
    fib = router.fib(false);
    forget();
    return in != null;
  }

  /** A frame went the long way: what is known of next hops may have changed. */
  void forget() {
    known = null;
  }

  /** Counts what went this way since {@link #begin}. */
  void end() {
    if (forwarded > 0) {
      counters.add(Total.RECEIVED, forwarded);
      counters.add(Total.TRANSMITTED, forwarded);
      forwarded = 0;
    }
  }

  /**
   * Makes a frame that may go this way ready to be sent.
   *
   * @return the port to {@link #send} it by, or {@link #LONG_WAY}: nothing has happened to it then
   */
  int forward(PacketBuffer frame) {
    long header = frame.data;
    long available = frame.dataEnd - header - IP;
    if (available < Ipv4.MIN_SIZE || frame.segmentTo != 0) {
      return LONG_WAY;
    }
    long sourceAndType = Bytes.i64(memory, header + 6);
    if (Bytes.i64(memory, header) >>> 16 != in.mac
        || (short) sourceAndType != EtherType.IPV4
        || (sourceAndType & GROUP_SOURCE) != 0) {
      return LONG_WAY;
    }
    long first = Bytes.i64(memory, header + IP);
    long second = Bytes.i64(memory, header + IP + 8);
    int destination = Bytes.i32(memory, header + IP + 16);
    int size = (int) (first >>> 32) & 0xffff;
    if (first >>> 56 != VERSION_AND_SIZE
        || size < Ipv4.MIN_SIZE
        || size > available
        || second >>> 56 <= 1
        || !isSound(first, second, destination)
        || !mayCross((int) second, destination)) {
      return LONG_WAY;
    }
    NextHop hop = hop(destination);
    if (hop == null || hop != known && !find(hop, destination)) {
      return LONG_WAY;
    }
    Interface out = knownOut;
    if (size > out.mtu) {
      return LONG_WAY;
    }
    write(header, out, knownMac, second);
    frame.network = header + IP;
    frame.dataEnd = header + IP + size; // RFC 1812, section 5.2.2: padding stays behind
    return out.port;
  }

  /** Sends frames of a batch that are ready, if they go by a port. */
  void send(PacketBuffer[] frames, int from, int to, int port) {
    if (port != LONG_WAY && from < to) {
      forwarded += to - from;
      output.transmit(frames, from, to, port);
    }
  }

  /** Sends one. */
  void send(PacketBuffer frame, int port) {
    forwarded++;
    output.transmit(frame, port);
  }

  /** Looks at where packets to a next hop go; false when they cannot go there this way. */
  private boolean find(NextHop hop, int destination) {
    known = null;
    Interface out = topology.byIndex(hop.interfaceIndex());
    if (out == null || out == in || !out.isPlainLink() || !out.isUp()) {
      return false;
    }
    long mac = resolver.mac4(hop, out, destination);
    if (mac == Resolver.UNKNOWN) {
      return false;
    }
    knownOut = out;
    knownMac = mac;
    known = hop.gateway() == null ? null : hop; // else each destination has its own address
    return true;
  }

  /** Whether the header's checksum is right: the sum of its words is all ones. */
  private static boolean isSound(long first, long second, int destination) {
    long sum = (first >>> 32) + (first & WORD) + (second >>> 32) + (second & WORD);
    sum += destination & WORD;
    sum = (sum & WORD) + (sum >>> 32);
    sum = (sum & 0xffff) + (sum >>> 16);
    sum = (sum & 0xffff) + (sum >>> 16);
    return sum == 0xffff;
  }

  /** Whether both addresses are of stations that may be on different links, the source not ours. */
  private boolean mayCross(int source, int destination) {
    return Ipv4Addresses.isStation(source)
        && Ipv4Addresses.isStation(destination)
        && !Ipv4Addresses.isLinkLocal(source)
        && !Ipv4Addresses.isLinkLocal(destination)
        && !topology.isOwn(source);
  }

  private NextHop hop(int destination) {
    Route route = fib.way(destination);
    return route == null || route.type() != RouteType.UNICAST ? null : route.only();
  }

  private void write(long header, Interface out, long mac, long second) {
    int word = (int) (second >>> 48);
    int checksum = Checksum.decrement((int) (second >>> 32) & 0xffff);
    Bytes.put64(memory, header, mac << 16 | out.mac >>> 32);
    Bytes.put32(memory, header + 8, (int) out.mac);
    Bytes.put32(memory, header + IP + 8, word - 0x100 << 16 | checksum);
  }
}
