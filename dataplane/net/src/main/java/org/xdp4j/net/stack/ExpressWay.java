package org.xdp4j.net.stack;

import java.lang.constant.ConstantDescs;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import org.xdp4j.net.route.Destinations;
import org.xdp4j.net.route.Fib;
import org.xdp4j.net.route.NextHop;
import org.xdp4j.net.stack.StackCounters.Total;
import org.xdp4j.net.wire.Bytes;
import org.xdp4j.net.wire.Checksum;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.Ethernet;
import org.xdp4j.net.wire.IpProtocol;
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
 *
 *  14  version ... hop limit (8)       22  source (16)      38  destination (16)
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
  private Fib ipv4;
  private Fib ipv6;
  private int forwarded;

  /** Next hops that packets can go to now, each in the place its gateway's address gives it. */
  private final ExpressHop[] known = ExpressHop.table();

  /** Where a packet goes that leaves for a host on the link. */
  private final ExpressHop host = new ExpressHop();

  /** Those of the frames that are expected. */
  private final Destinations destinations = new Destinations();

  private long expectedAt = Long.MIN_VALUE;

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
    ipv4 = router.fib(false);
    ipv6 = router.fib(true);
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
    if (Bytes.i64(MEMORY, header) >>> 16 != in.mac || (sourceAndType & GROUP_SOURCE) != 0) {
      return LONG_WAY;
    }
    return switch ((short) sourceAndType) {
      case EtherType.IPV4 -> forward4(frame, header, available);
      case (short) EtherType.IPV6 -> forward6(frame, header, available);
      default -> LONG_WAY;
    };
  }

  private int forward4(PacketBuffer frame, long header, long available) {
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
    NextHop hop = ipv4.onlyHop(destination);
    if (hop == null) {
      return LONG_WAY;
    }
    ExpressHop way = known[hop.place()];
    if (way.hop != hop || way.period != period) {
      way = find4(hop, destination);
    }
    if (way == null || size > way.mtu) {
      return LONG_WAY;
    }
    int word = (int) (second >>> 48);
    int checksum = Checksum.decrement((int) (second >>> 32) & 0xffff);
    Bytes.put32(MEMORY, header + IP + 8, word - 0x100 << 16 | checksum);
    return finish(frame, header, size, way);
  }

  private int forward6(PacketBuffer frame, long header, long available) {
    if (available < Ipv6.SIZE) {
      return LONG_WAY;
    }
    long first = Bytes.i64(MEMORY, header + IP);
    int size = Ipv6.SIZE + ((int) (first >>> 16) & 0xffff);
    long high = Bytes.i64(MEMORY, header + IP + 24);
    if (first >>> 60 != 6
        || size > available
        || (first >>> 8 & 0xff) == IpProtocol.HOP_BY_HOP
        || (first & 0xff) <= 1
        || !mayCross(Bytes.i64(MEMORY, header + IP + 8))
        || !mayCross(high)) {
      return LONG_WAY;
    }
    long low = Bytes.i64(MEMORY, header + IP + 32);
    NextHop hop =
        expectedAt == context.now ? destinations.onlyHop(ipv6, high, low) : ipv6.onlyHop(high, low);
    if (hop == null) {
      return LONG_WAY;
    }
    ExpressHop way = known[hop.place()];
    if (way.hop != hop || way.period != period) {
      way = find6(hop, high, low);
    }
    if (way == null || size > way.mtu) {
      return LONG_WAY;
    }
    Bytes.put64(MEMORY, header + IP, first - 1);
    return finish(frame, header, size, way);
  }

  private int finish(PacketBuffer frame, long header, int size, ExpressHop way) {
    Bytes.put64(MEMORY, header, way.header);
    Bytes.put32(MEMORY, header + 8, way.rest);
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
  void expect(PacketBuffer[] frames, int count, long now) {
    expectedAt = now;
    destinations.begin(count);
    for (int i = 0; i < count; i++) {
      PacketBuffer frame = frames[i];
      long at = frame.data + IP;
      long left = frame.dataEnd - at;
      int type = left < Ipv4.MIN_SIZE ? 0 : Ethernet.type(MEMORY, frame.data);
      if (type == EtherType.IPV4) {
        destinations.add(Ipv4.destination(MEMORY, at));
      } else if (type == EtherType.IPV6 && left >= Ipv6.SIZE) {
        destinations.add(Ipv6.destinationHigh(MEMORY, at), Ipv6.destinationLow(MEMORY, at));
      }
    }
    destinations.expect(context.router.fib(false), context.router.fib(true));
  }

  /** Looks at where packets to a next hop go; null when they cannot go there this way. */
  private ExpressHop find4(NextHop hop, int destination) {
    Interface out = out(hop);
    return out == null ? null : keep(hop, out, resolver.mac4(hop, out, destination));
  }

  private ExpressHop find6(NextHop hop, long high, long low) {
    Interface out = out(hop);
    return out == null ? null : keep(hop, out, resolver.mac6(hop, out, high, low));
  }

  private Interface out(NextHop hop) {
    Interface out = topology.byIndex(hop.interfaceIndex());
    return out == null || out == in || !out.isPlainLink() || !out.isUp() ? null : out;
  }

  private ExpressHop keep(NextHop hop, Interface out, long mac) {
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

  /**
   * Whether an IPv6 address is of a station that may be on another link: no group, link-local,
   * unspecified or loopback address, by its upper half.
   */
  private static boolean mayCross(long high) {
    return high != 0 && !Ipv6Addresses.isMulticast(high) && !Ipv6Addresses.isLinkLocal(high);
  }
}
