package org.xdp4j.net.stack;

import java.lang.constant.ConstantDescs;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import org.xdp4j.net.route.Fib;
import org.xdp4j.net.route.NextHop;
import org.xdp4j.net.stack.StackCounters.Total;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.Checksum;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.Ethernet;
import org.xdp4j.net.wire.Ipv4;
import org.xdp4j.net.wire.Ipv6;
import org.xdp4j.net.wire.PacketBuffer;

/**
 * The short way's code; {@link ExpressFactory} copies this class for each memory, and nobody else
 * makes it.
 *
 * <pre>
 *  0  destination (6)   6  source (6)   12  type   14  version ... fragment (8)
 *  22  TTL, protocol, checksum, source (8)         30  destination (4)
 * </pre>
 */
final class ExpressWay extends Express {
  private static final MemorySegment MEMORY = memory();

  private static final long GROUP_SOURCE = 1L << 56;
  private static final long WORD = 0xffff_ffffL;
  private static final int VERSION_AND_SIZE = 0x45;
  private static final int IP = Ethernet.SIZE;

  private final StackContext context;
  private final Resolver resolver;
  private final Output output;
  private final StackCounters counters;

  /** As of the beginning of this batch; null when nothing that comes in goes the short way. */
  private Interface in;

  private Topology topology;
  private Fib fib;
  private int forwarded;

  /** Next hops that packets can go to now, each in the place its gateway's address gives it. */
  private final ExpressHop[] known = ExpressHop.table();

  /** Where a packet goes that leaves for a host on the link. */
  private final ExpressHop host = new ExpressHop();

  /** Those of the IPv4 packets among the frames that are expected. */
  private int[] destinations = {};

  /** Destinations that had a route then; keeps the look from being left out. */
  private long expected;

  /** What is known is of this period; see {@link #forget}. */
  private long period;

  ExpressWay(StackContext context, Resolver resolver, Output output, StackCounters counters) {
    this.context = context;
    this.resolver = resolver;
    this.output = output;
    this.counters = counters;
  }

  private static MemorySegment memory() {
    try {
      return MethodHandles.classData(
          MethodHandles.lookup(), ConstantDescs.DEFAULT_NAME, MemorySegment.class);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
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

  @Override
  void forget() {
    period++;
  }

  @Override
  void end() {
    if (forwarded > 0) {
      counters.add(Total.RECEIVED, forwarded);
      counters.add(Total.TRANSMITTED, forwarded);
      forwarded = 0;
    }
  }

  @Override
  int forward(PacketBuffer frame) {
    long header = frame.data;
    long available = frame.dataEnd - header - IP;
    if (available < Ipv4.MIN_SIZE || frame.segmentTo != 0) {
      return LONG_WAY;
    }
    long sourceAndType = Bytes.i64(MEMORY, header + 6);
    if (Bytes.i64(MEMORY, header) >>> 16 != in.mac
        || (short) sourceAndType != EtherType.IPV4
        || (sourceAndType & GROUP_SOURCE) != 0) {
      return LONG_WAY;
    }
    long first = Bytes.i64(MEMORY, header + IP);
    long second = Bytes.i64(MEMORY, header + IP + 8);
    int destination = Bytes.i32(MEMORY, header + IP + 16);
    int size = (int) (first >>> 32) & 0xffff;
    if (first >>> 56 != VERSION_AND_SIZE
        || size < Ipv4.MIN_SIZE
        || size > available
        || second >>> 56 <= 1
        || !isSound(first, second, destination)
        || !mayCross((int) second, destination)) {
      return LONG_WAY;
    }
    NextHop hop = fib.onlyHop(destination);
    if (hop == null) {
      return LONG_WAY;
    }
    ExpressHop way = known[hop.place()];
    if (way.hop != hop || way.period != period) {
      way = find(hop, destination);
    }
    if (way == null || size > way.mtu) {
      return LONG_WAY;
    }
    write(header, way, second);
    frame.network = header + IP;
    frame.dataEnd = header + IP + size; // RFC 1812, section 5.2.2: padding stays behind
    return way.port;
  }

  @Override
  void send(PacketBuffer[] frames, int from, int to, int port) {
    if (port != LONG_WAY && from < to) {
      forwarded += to - from;
      output.transmit(frames, from, to, port);
    }
  }

  @Override
  void send(PacketBuffer frame, int port) {
    forwarded++;
    output.transmit(frame, port);
  }

  @Override
  void expect(PacketBuffer[] frames, int count) {
    Fib ipv4 = context.router.fib(false);
    Fib ipv6 = context.router.fib(true);
    if (destinations.length < count) {
      destinations = new int[count];
    }
    int found = 0;
    int among = 0;
    for (int i = 0; i < count; i++) {
      PacketBuffer frame = frames[i];
      long at = frame.data + Ethernet.SIZE;
      long left = frame.dataEnd - at;
      int type = left < Ipv4.MIN_SIZE ? 0 : Ethernet.type(MEMORY, frame.data);
      if (type == EtherType.IPV4) {
        destinations[among++] = Ipv4.destination(MEMORY, at);
      } else if (type == EtherType.IPV6 && left >= Ipv6.SIZE) {
        long high = Ipv6.destinationHigh(MEMORY, at);
        found += ipv6.way(high, Ipv6.destinationLow(MEMORY, at)) == null ? 0 : 1;
      }
    }
    expected += found + ipv4.expect(destinations, among);
  }

  /** Looks at where packets to a next hop go; null when they cannot go there this way. */
  private ExpressHop find(NextHop hop, int destination) {
    Interface out = topology.byIndex(hop.interfaceIndex());
    if (out == null || out == in || !out.isPlainLink() || !out.isUp()) {
      return null;
    }
    long mac = resolver.mac4(hop, out, destination);
    if (mac == Resolver.UNKNOWN) {
      return null;
    }
    if (hop.gateway() == null) { // each destination has its own address
      host.set(out, mac);
      return host;
    }
    ExpressHop way = known[hop.place()];
    way.hop = hop;
    way.period = period;
    way.set(out, mac);
    return way;
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

  private void write(long header, ExpressHop way, long second) {
    int word = (int) (second >>> 48);
    int checksum = Checksum.decrement((int) (second >>> 32) & 0xffff);
    Bytes.put64(MEMORY, header, way.header);
    Bytes.put32(MEMORY, header + 8, way.rest);
    Bytes.put32(MEMORY, header + IP + 8, word - 0x100 << 16 | checksum);
  }
}
