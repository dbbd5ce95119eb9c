package org.xdp4j.net.filter;

import org.xdp4j.net.flow.FlowKey;
import org.xdp4j.net.wire.IpPrefix;

/**
 * Which first packets of connections a verdict is for. Every part that is not said fits all.
 *
 * @param in the interface it came in on; 0 for any
 * @param out the interface it leaves by; 0 for any
 * @param source the prefix of its source, or null
 * @param destination the prefix of its destination, or null
 * @param protocol of IP, or -1
 * @param sourcePorts the ports it may come from, or null
 * @param destinationPorts the ports it may go to, or null
 * @param verdict accept, drop or reject
 */
public record FilterRule(
    int in,
    int out,
    IpPrefix source,
    IpPrefix destination,
    int protocol,
    PortRange sourcePorts,
    PortRange destinationPorts,
    Verdict verdict) {

  /** Ports from first to last, both included. */
  public record PortRange(int first, int last) {
    /** Checks the order. */
    public PortRange {
      if (first < 0 || last > 0xffff || first > last) {
        throw new IllegalArgumentException(first + "-" + last + " is no range of ports");
      }
    }

    boolean contains(int port) {
      return port >= first && port <= last;
    }
  }

  /** Checks the verdict. */
  public FilterRule {
    if (verdict != Verdict.ACCEPT && verdict != Verdict.DROP && verdict != Verdict.REJECT) {
      throw new IllegalArgumentException("a rule accepts, drops or rejects");
    }
  }

  /** A rule for all packets. */
  public static FilterRule any(Verdict verdict) {
    return new FilterRule(0, 0, null, null, -1, null, null, verdict);
  }

  /** The same for packets from one interface. */
  public FilterRule from(int interfaceIndex) {
    return new FilterRule(
        interfaceIndex, out, source, destination, protocol, sourcePorts, destinationPorts, verdict);
  }

  /** The same for packets to a prefix. */
  public FilterRule to(IpPrefix prefix) {
    return new FilterRule(
        in, out, source, prefix, protocol, sourcePorts, destinationPorts, verdict);
  }

  /** The same for packets of a protocol to a port. */
  public FilterRule port(int ipProtocol, int port) {
    PortRange ports = new PortRange(port, port);
    return new FilterRule(in, out, source, destination, ipProtocol, sourcePorts, ports, verdict);
  }

  boolean fits(FlowKey key, int from, int to) {
    return (in == 0 || in == from)
        && (out == 0 || out == to)
        && (protocol < 0 || protocol == key.protocol)
        && contains(source, key.isIpv6, key.sourceHigh, key.sourceLow)
        && contains(destination, key.isIpv6, key.destinationHigh, key.destinationLow)
        && (sourcePorts == null || key.hasPorts && sourcePorts.contains(key.sourcePort))
        && (destinationPorts == null
            || key.hasPorts && destinationPorts.contains(key.destinationPort));
  }

  private static boolean contains(IpPrefix prefix, boolean ipv6, long high, long low) {
    if (prefix == null) {
      return true;
    }
    if (prefix.address().isIpv6() != ipv6) {
      return false;
    }
    long first = ipv6 ? high : low << 32;
    long second = ipv6 ? low : 0;
    return ((first ^ prefix.address().high()) & IpPrefix.maskHigh(prefix.length())) == 0
        && ((second ^ prefix.address().low()) & IpPrefix.maskLow(prefix.length())) == 0;
  }
}
