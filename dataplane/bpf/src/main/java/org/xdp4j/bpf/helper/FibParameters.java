package org.xdp4j.bpf.helper;

import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.context.RouteQuery;
import org.xdp4j.bpf.context.Routing;
import org.xdp4j.bpf.memory.Region;

/**
 * {@code struct bpf_fib_lookup} (linux/bpf.h). Addresses, ports and flow information are in network
 * order, the rest in the machine's.
 *
 * <pre>
 *   0 family 8 | 1 l4_protocol 8 | 2 sport 16 | 4 dport 16 | 6 tot_len, mtu_result 16
 *   8 ifindex 32
 *  12 tos 8, flowinfo 32, rt_metric 32
 *  16 src 32 or 128
 *  32 dst 32 or 128
 *  48 h_vlan_proto 16, h_vlan_TCI 16; or tbid 32
 *  52 smac 48, dmac 48; or mark 32
 * </pre>
 */
final class FibParameters {
  static final int SIZE = 64;
  static final int AF_INET = 2;
  static final int AF_INET6 = 10;

  private static final int LENGTH = 6;
  private static final int IFINDEX = 8;
  private static final int FLOW = 12;
  private static final int SOURCE = 16;
  private static final int DESTINATION = 32;
  private static final int TABLE = 48;
  private static final int SOURCE_MAC = 52;
  private static final int DESTINATION_MAC = 58;

  private FibParameters() {}

  static int family(MemorySegment memory, long at) {
    return memory.get(Region.BYTE, at) & 0xFF;
  }

  static int ifindex(MemorySegment memory, long at) {
    return memory.get(Region.INT, at + IFINDEX);
  }

  static int length(MemorySegment memory, long at) {
    return memory.get(Region.SHORT, at + LENGTH) & 0xFFFF;
  }

  static int table(MemorySegment memory, long at) {
    return memory.get(Region.INT, at + TABLE);
  }

  /** The packet that is asked about; interfaces and table are the caller's to fill. */
  static void read(MemorySegment memory, long at, boolean ipv6, boolean marked, RouteQuery query) {
    query.ipv6 = ipv6;
    query.protocol = memory.get(Region.BYTE, at + 1) & 0xFF;
    query.sourcePort = port(memory, at + 2);
    query.destinationPort = port(memory, at + 4);
    query.flowInfo =
        ipv6
            ? Integer.reverseBytes(memory.get(Region.INT, at + FLOW))
            : memory.get(Region.BYTE, at + FLOW) & 0xFF;
    query.mark = marked ? memory.get(Region.INT, at + SOURCE_MAC) : 0;
    query.sourceHigh = high(memory, at + SOURCE, ipv6);
    query.sourceLow = low(memory, at + SOURCE, ipv6);
    query.destinationHigh = high(memory, at + DESTINATION, ipv6);
    query.destinationLow = low(memory, at + DESTINATION, ipv6);
  }

  private static int port(MemorySegment memory, long at) {
    return Short.reverseBytes(memory.get(Region.SHORT, at)) & 0xFFFF;
  }

  private static long high(MemorySegment memory, long at, boolean ipv6) {
    return ipv6 ? Long.reverseBytes(memory.get(Region.LONG, at)) : 0;
  }

  private static long low(MemorySegment memory, long at, boolean ipv6) {
    return ipv6
        ? Long.reverseBytes(memory.get(Region.LONG, at + 8))
        : Integer.reverseBytes(memory.get(Region.INT, at)) & 0xFFFFFFFFL;
  }

  static void setMtu(MemorySegment memory, long at, int mtu) {
    memory.set(Region.SHORT, at + LENGTH, (short) mtu);
  }

  static void setTable(MemorySegment memory, long at, int table) {
    memory.set(Region.INT, at + TABLE, table);
  }

  /** The interface and metric of the route, and the gateway as the new destination. */
  static void setHop(MemorySegment memory, long at, Routing.Hop hop) {
    memory.set(Region.INT, at + FLOW, hop.metric());
    memory.set(Region.INT, at + IFINDEX, hop.ifindex());
    if (hop.gateway() == 6) {
      memory.set(Region.BYTE, at, (byte) AF_INET6);
      setAddress(memory, at + DESTINATION, true, hop.gatewayHigh(), hop.gatewayLow());
    } else if (hop.gateway() == 4) {
      setAddress(memory, at + DESTINATION, false, 0, hop.gatewayLow());
    }
  }

  static void setSource(MemorySegment memory, long at, boolean ipv6, Routing.Hop hop) {
    setAddress(memory, at + SOURCE, ipv6, hop.sourceHigh(), hop.sourceLow());
  }

  private static void setAddress(MemorySegment memory, long at, boolean ipv6, long high, long low) {
    if (ipv6) {
      memory.set(Region.LONG, at, Long.reverseBytes(high));
      memory.set(Region.LONG, at + 8, Long.reverseBytes(low));
    } else {
      memory.set(Region.INT, at, Integer.reverseBytes((int) low));
    }
  }

  static void setMacs(MemorySegment memory, long at, long source, long destination) {
    setMac(memory, at + SOURCE_MAC, source);
    setMac(memory, at + DESTINATION_MAC, destination);
  }

  private static void setMac(MemorySegment memory, long at, long mac) {
    memory.set(Region.INT, at, Integer.reverseBytes((int) (mac >>> 16)));
    memory.set(Region.SHORT, at + 4, Short.reverseBytes((short) mac));
  }
}
