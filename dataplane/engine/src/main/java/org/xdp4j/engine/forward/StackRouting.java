package org.xdp4j.engine.forward;

import java.util.Arrays;
import org.xdp4j.bpf.context.RouteQuery;
import org.xdp4j.bpf.context.Routing;
import org.xdp4j.net.flow.FlowHash;
import org.xdp4j.net.route.Neighbor;
import org.xdp4j.net.route.NextHop;
import org.xdp4j.net.route.Route;
import org.xdp4j.net.stack.Interface;
import org.xdp4j.net.stack.Router;
import org.xdp4j.net.stack.Topology;
import org.xdp4j.net.wire.Ethernet;
import org.xdp4j.net.wire.IpAddress;

/**
 * Answers programs' {@code bpf_fib_lookup} and {@code bpf_check_mtu} from the stack's interfaces,
 * forwarding tables and neighbours. An interface of the stack that has a port's untagged frames has
 * the port's index. Answers are kept and given again: in steady state nothing is allocated. Owned
 * by one worker.
 */
final class StackRouting implements Routing {
  private static final int KEPT = 1024;

  private final Router router;
  private final Shared shared;
  private final NextHop[] hops = new NextHop[KEPT];
  private final Hop[] answers = new Hop[KEPT];
  private final Hop[] special = new Hop[RouteKind.values().length];
  private Link[] links = {};
  private Topology topology;

  StackRouting(Router router, Shared shared) {
    this.router = router;
    this.shared = shared;
    for (RouteKind kind : RouteKind.values()) {
      special[kind.ordinal()] = new Hop(kind, 0, 0, 0, 0, 0, 0, false, 0, 0, false);
    }
  }

  /** Forgets answers about interfaces that were replaced. */
  private void refresh() {
    Topology current = router.topology();
    if (current != topology) {
      topology = current;
      Arrays.fill(hops, null);
      links = new Link[64];
    }
  }

  @Override
  public Link link(int ifindex) {
    refresh();
    if (ifindex > 0 && ifindex < links.length && links[ifindex] != null) {
      return links[ifindex];
    }
    Link found = make(ifindex);
    if (found != null && ifindex < links.length) {
      links[ifindex] = found;
    }
    return found;
  }

  private Link make(int ifindex) {
    Interface own = topology.byIndex(ifindex);
    if (own != null) {
      boolean forwards = own.isForwarding();
      return new Link(ifindex, own.mac(), own.mtu(), Ethernet.SIZE, forwards, forwards);
    }
    LivePort port = shared.layout().port(ifindex);
    return port == null
        ? null
        : new Link(ifindex, port.port.mac(), port.port.mtu(), Ethernet.SIZE, false, false);
  }

  @Override
  public Hop route(RouteQuery query) {
    refresh();
    if (query.table != RouteQuery.BY_RULES && query.table != RouteQuery.MAIN_TABLE) {
      return null;
    }
    Route route =
        query.ipv6
            ? router.fib(true).way(query.destinationHigh, query.destinationLow)
            : router.fib(false).way((int) query.destinationLow);
    if (route == null) {
      return null;
    }
    return switch (route.type()) {
      case UNICAST -> unicast(route, query);
      case BLACKHOLE -> special[RouteKind.BLACKHOLE.ordinal()];
      case UNREACHABLE -> special[RouteKind.UNREACHABLE.ordinal()];
      case PROHIBIT -> special[RouteKind.PROHIBIT.ordinal()];
      default -> special[RouteKind.LOCAL.ordinal()];
    };
  }

  private Hop unicast(Route route, RouteQuery query) {
    int count = route.hopCount();
    int first = count == 1 ? 0 : route.index(hash(query));
    for (int i = 0; i < count; i++) {
      NextHop hop = route.hop((first + i) % count);
      Interface out = topology.byIndex(hop.interfaceIndex());
      if (out == null) {
        out = router.topology().byIndex(hop.interfaceIndex()); // It came before its route did.
      }
      boolean wanted = query.egress == 0 || query.egress == hop.interfaceIndex();
      if (wanted && out != null && out.isUp()) {
        return answer(hop, out, query);
      }
    }
    return null;
  }

  /** The stack's own hash, so that program and stack choose the same next hop. */
  private static int hash(RouteQuery query) {
    return FlowHash.hashParts(
        query.ipv6,
        query.protocol,
        query.sourceHigh,
        query.sourceLow,
        query.destinationHigh,
        query.destinationLow,
        query.sourcePort,
        query.destinationPort);
  }

  private Hop answer(NextHop hop, Interface out, RouteQuery query) {
    int slot = System.identityHashCode(hop) & KEPT - 1;
    if (hops[slot] != hop) {
      answers[slot] = make(hop, out, query);
      hops[slot] = hop;
    }
    return answers[slot];
  }

  private static Hop make(NextHop hop, Interface out, RouteQuery query) {
    IpAddress gateway = hop.gateway();
    IpAddress target =
        query.ipv6
            ? IpAddress.of(query.destinationHigh, query.destinationLow)
            : IpAddress.of((int) query.destinationLow);
    IpAddress towards = gateway != null && gateway.isIpv6() == query.ipv6 ? gateway : target;
    IpAddress source = out.sourceFor(towards);
    int version = gateway == null ? 0 : gateway.isIpv6() ? 6 : 4;
    return new Hop(
        RouteKind.UNICAST,
        out.index(),
        0,
        0,
        version,
        version == 6 ? gateway.high() : 0,
        version == 0 ? 0 : version == 6 ? gateway.low() : gateway.ipv4() & 0xffffffffL,
        source != null,
        source == null || !query.ipv6 ? 0 : source.high(),
        source == null ? 0 : query.ipv6 ? source.low() : source.ipv4() & 0xffffffffL,
        false);
  }

  @Override
  public long neighbor(int ifindex, boolean ipv6, long high, long low) {
    Neighbor found =
        ipv6
            ? router.neighbors().find(ifindex, true, high, low)
            : router.neighbors().find(ifindex, false, low << 32, 0);
    if (found == null) {
      return NO_NEIGHBOR;
    }
    long link = found.link();
    return Neighbor.state(link).isUsable() ? Neighbor.mac(link) : NO_NEIGHBOR;
  }
}
