package org.xdp4j.net.stack;

import java.lang.foreign.MemorySegment;
import org.xdp4j.net.link.Bridge;
import org.xdp4j.net.route.NextHop;
import org.xdp4j.net.route.Route;
import org.xdp4j.net.route.RouteType;

/** What the parts of one worker's stack have in common. */
final class StackContext {
  final MemorySegment memory;
  final Router router;
  final Exit exit;
  final LinkOutput link;

  /** The time of this call, and the interfaces as of its beginning. */
  long now;

  Topology topology;

  /** As they were when the stack last looked after its timers. */
  RouterSettings settings;

  /** Where the frame of this call came in. */
  int port;

  /** Packets that wait for a neighbour, and fragments that wait for their datagram's first. */
  int heldForNeighbors;

  int heldFragments;

  StackContext(MemorySegment memory, Router router, Exit exit) {
    this.memory = memory;
    this.router = router;
    this.settings = router.settings();
    this.exit = exit;
    this.link = new LinkOutput(this);
    this.topology = router.topology();
  }

  void begin(int fromPort, long time) {
    port = fromPort;
    now = time;
    topology = router.topology();
  }

  /** How many packets wait for something. */
  int held() {
    return heldForNeighbors + heldFragments;
  }

  /**
   * The interface with this index, or null. A route found just now may lead to one that came after
   * this call began: it was there before the route.
   */
  Interface byIndex(int index) {
    Interface found = topology.byIndex(index);
    return found != null ? found : router.topology().byIndex(index);
  }

  /**
   * The bridge with this number, or null: it may have come with an interface after this call began,
   * or have left while a packet waited.
   */
  Bridge bridge(int number) {
    Bridge found = topology.bridge(number);
    return found != null ? found : router.topology().bridge(number);
  }

  /** Whether what is said of our own accord goes out by an interface now. */
  boolean canSpeak(Interface out) {
    if (!out.isUp()) {
      return false;
    }
    Bridge bridge = out.bridge < 0 ? null : bridge(out.bridge);
    if (bridge == null) {
      return exit.hasPort(out.port);
    }
    for (int i = 0; i < bridge.portCount(); i++) {
      if (exit.hasPort(bridge.port(i).port())) {
        return true;
      }
    }
    return false;
  }

  /**
   * A flow's next hop, or the first after it whose interface is up; null when none is. Each router
   * spreads flows in its own way: those that one sends to a next hop must not all meet in one of
   * that one's (RFC 2992, section 2.3).
   */
  NextHop select(Route route, int flowHash) {
    int count = route.hopCount();
    int first = count > 1 ? route.index(mix(flowHash ^ topology.flowSeed())) : 0;
    for (int i = 0; i < count; i++) {
      NextHop hop = route.hop((first + i) % count);
      Interface out = byIndex(hop.interfaceIndex());
      if (out != null && out.isUp()) {
        return hop;
      }
    }
    return null;
  }

  /** Each bit of the result depends on all bits. */
  private static int mix(int bits) {
    int mixed = (bits ^ bits >>> 16) * 0x85EBCA6B;
    mixed = (mixed ^ mixed >>> 13) * 0xC2B2AE35;
    return mixed ^ mixed >>> 16;
  }

  /**
   * The address to send IPv4 packets to {@code target} from, out of an interface; 0 when there is
   * none at all. An unnumbered interface borrows the first that another one has (RFC 1812, section
   * 2.2.7), as in Linux.
   */
  int source4(Interface out, int target) {
    InterfaceAddress own = out.source4(target);
    return own != null ? own.address().ipv4() : borrowed4();
  }

  /** The address that unnumbered interfaces borrow, or 0. */
  int borrowed4() {
    for (Interface each : topology.interfaces()) {
      for (InterfaceAddress own : each.ipv4) {
        if (own.isPreferred() && !own.address().isLinkLocal()) {
          return own.address().ipv4();
        }
      }
    }
    return 0;
  }

  /** What becomes of packets to an IPv4 destination, or null. */
  Route way4(int destination) {
    Route route = router.fib(false).way(destination);
    if (route == null || route.type() != RouteType.LOCAL) {
      return route;
    }
    Interface owner = byIndex(route.hop(0).interfaceIndex());
    return unlessDuplicate(route, owner, owner == null ? null : owner.find4(destination));
  }

  /** What becomes of packets to an IPv6 destination, or null. */
  Route way6(long high, long low) {
    Route route = router.fib(true).way(high, low);
    if (route == null || route.type() != RouteType.LOCAL) {
      return route;
    }
    Interface owner = byIndex(route.hop(0).interfaceIndex());
    return unlessDuplicate(route, owner, owner == null ? null : owner.find6(high, low));
  }

  /** An address of ours that another station has is that station's (RFC 4862, section 5.4.5). */
  private static Route unlessDuplicate(Route route, Interface owner, InterfaceAddress own) {
    return own != null && own.isDuplicate() ? own.onLink(owner.index) : route;
  }
}
