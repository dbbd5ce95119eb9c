package org.xdp4j.net.stack;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.xdp4j.net.link.Bridge;

/**
 * The interfaces, and which frames belong to which: an immutable picture that is swapped as a
 * whole.
 */
public final class Topology {
  /** No interfaces. */
  public static final Topology EMPTY = of(List.of());

  private final List<Interface> interfaces;
  private final Interface[] byIndex;
  private final PortInterfaces[] byPort;
  private final List<Bridge> bridges;
  private final Bridge[] bridgeOfPort;

  /** Those of the picture before, in which interfaces that left are. */
  private final List<Bridge> bridgesBefore;

  private final int[] own;
  private final Interface[] owner;

  /** A bit for every own address, so that most others are told apart by one look. */
  private final long ownFilter;

  /** Tells this router's choices among next hops from those of others. */
  private final int flowSeed;

  private Topology(List<Interface> interfaces, List<Bridge> bridges) {
    this.interfaces = List.copyOf(interfaces);
    this.bridges = List.copyOf(bridges);
    bridgesBefore = List.of();
    int last = interfaces.stream().mapToInt(Interface::index).max().orElse(0);
    int lastPort = interfaces.stream().mapToInt(Interface::port).max().orElse(-1);
    byIndex = new Interface[last + 1];
    byPort = new PortInterfaces[lastPort + 1];
    for (Interface each : interfaces) {
      byIndex[each.index] = each;
    }
    for (int port = 0; port <= lastPort; port++) {
      int number = port;
      List<Interface> here = interfaces.stream().filter(each -> each.port == number).toList();
      byPort[port] = here.isEmpty() ? null : new PortInterfaces(here);
    }
    own = stations(interfaces);
    owner =
        interfaces.stream()
            .flatMap(each -> Arrays.stream(each.ipv4).map(address -> each))
            .toArray(Interface[]::new);
    long bits = 0;
    for (int address : own) {
      bits |= 1L << (address * 0x9E3779B9 >>> 26);
    }
    ownFilter = bits;
    long macs = interfaces.stream().mapToLong(Interface::mac).min().orElse(0);
    flowSeed = (int) (macs * 0x9E3779B97F4A7C15L >>> 32);
    bridgeOfPort = new Bridge[lastBridgePort(bridges) + 1];
    for (Bridge bridge : bridges) {
      for (int i = 0; i < bridge.portCount(); i++) {
        bridgeOfPort[bridge.port(i).port()] = bridge;
      }
    }
  }

  /** The picture {@code now}, in which interfaces that left are still found by their number. */
  private Topology(Topology now, Topology before) {
    interfaces = now.interfaces;
    byPort = now.byPort;
    bridges = now.bridges;
    bridgesBefore = before.bridges;
    bridgeOfPort = now.bridgeOfPort;
    own = now.own;
    owner = now.owner;
    ownFilter = now.ownFilter;
    flowSeed = now.flowSeed;
    byIndex = Arrays.copyOf(now.byIndex, Math.max(now.byIndex.length, before.byIndex.length));
    for (Interface each : before.interfaces) {
      byIndex[each.index] = byIndex[each.index] == null ? each : byIndex[each.index];
    }
  }

  /**
   * This picture for as long as there are routes to interfaces of the one before: those that left
   * are still found by their number, and so are their bridges. Nothing comes in on them.
   */
  Topology with(Topology before) {
    return new Topology(this, before);
  }

  private static int[] stations(List<Interface> interfaces) {
    return interfaces.stream()
        .flatMap(each -> Arrays.stream(each.ipv4))
        .mapToInt(own -> own.address().ipv4())
        .toArray();
  }

  int flowSeed() {
    return flowSeed;
  }

  /** Whether an IPv4 address is one of our own, and in use. */
  boolean isOwn(int address) {
    if ((ownFilter >>> (address * 0x9E3779B9 >>> 26) & 1) == 0) {
      return false;
    }
    for (int i = 0; i < own.length; i++) {
      if (own[i] == address) {
        return owner[i].find4(address).isPreferred();
      }
    }
    return false;
  }

  private static int lastBridgePort(List<Bridge> bridges) {
    int last = -1;
    for (Bridge bridge : bridges) {
      for (int i = 0; i < bridge.portCount(); i++) {
        last = Math.max(last, bridge.port(i).port());
      }
    }
    return last;
  }

  /** Makes the picture without bridges. */
  public static Topology of(List<Interface> interfaces) {
    return of(interfaces, List.of());
  }

  /**
   * Makes the picture.
   *
   * @throws IllegalArgumentException when two interfaces claim the same index, name, frames or
   *     address, or a bridge's port is another's too
   */
  public static Topology of(List<Interface> interfaces, List<Bridge> bridges) {
    Set<Object> seen = new HashSet<>();
    for (Bridge bridge : bridges) {
      requirePortsOfItsOwn(bridge, interfaces, seen);
    }
    for (Interface each : interfaces) {
      require(seen.add(each.index), each, "index " + each.index + " is another's");
      require(seen.add(each.name), each, "its name is another's");
      require(
          each.bridge < 0 || bridges.stream().anyMatch(bridge -> bridge.number() == each.bridge),
          each,
          "there is no bridge " + each.bridge);
      String place = each.bridge >= 0 ? "bridge " + each.bridge : "port " + each.port;
      require(
          seen.add(place + " " + each.vlanKey()), each, "another has the same frames of " + place);
      for (InterfaceAddress address : each.addresses()) {
        require(
            address.address().isLinkLocal() || seen.add(address.address()),
            each,
            address.address() + " is another's address");
      }
    }
    return new Topology(interfaces, bridges);
  }

  private static void requirePortsOfItsOwn(
      Bridge bridge, List<Interface> interfaces, Set<Object> seen) {
    for (int i = 0; i < bridge.portCount(); i++) {
      int port = bridge.port(i).port();
      boolean taken = interfaces.stream().anyMatch(each -> each.port == port);
      if (taken || !seen.add("bridged " + port)) {
        throw new IllegalArgumentException(
            "bridge " + bridge.number() + ": port " + port + " is another's");
      }
    }
  }

  private static void require(boolean holds, Interface where, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException("interface " + where.name + ": " + otherwise);
    }
  }

  /** All interfaces. */
  public List<Interface> interfaces() {
    return interfaces;
  }

  /** The interface with this index, or null. */
  public Interface byIndex(int index) {
    return index >= 0 && index < byIndex.length ? byIndex[index] : null;
  }

  /** The interface with this name, or null. */
  public Interface byName(String name) {
    return interfaces.stream().filter(each -> each.name.equals(name)).findAny().orElse(null);
  }

  /** All bridges. */
  public List<Bridge> bridges() {
    return bridges;
  }

  /** The bridge with this number, or null. */
  Bridge bridge(int number) {
    Bridge found = find(bridges, number);
    return found != null ? found : find(bridgesBefore, number);
  }

  private static Bridge find(List<Bridge> among, int number) {
    for (int i = 0; i < among.size(); i++) {
      if (among.get(i).number() == number) {
        return among.get(i);
      }
    }
    return null;
  }

  /**
   * Whether an interface is the same way onto the same link as one of the picture before: it has
   * the same place, and its bridge, if any, is still on a port of the one with its number.
   */
  boolean isSameLink(Interface now, Topology before, Interface then) {
    return now.isSameLink(then)
        && (now.bridge < 0 || bridge(now.bridge).sharesPort(before.bridge(then.bridge)));
  }

  /** The bridge a port belongs to, or null. */
  Bridge bridgeOf(int port) {
    return port >= 0 && port < bridgeOfPort.length ? bridgeOfPort[port] : null;
  }

  /** The interface on a VLAN of a bridge, or null. */
  Interface onBridge(Bridge bridge, int vlan) {
    for (int i = 0; i < interfaces.size(); i++) {
      Interface each = interfaces.get(i);
      if (each.bridge == bridge.number() && each.bridgeVlan() == vlan) {
        return each;
      }
    }
    return null;
  }

  /** The interfaces of a port, or null when there is none. */
  PortInterfaces onPort(int port) {
    return port >= 0 && port < byPort.length ? byPort[port] : null;
  }

  /** The interfaces of one port by their VLANs. */
  static final class PortInterfaces {
    private final int[] keys;
    private final Interface[] interfaces;

    PortInterfaces(List<Interface> here) {
      interfaces = here.toArray(new Interface[0]);
      Arrays.sort(interfaces, (a, b) -> Integer.compare(a.vlanKey(), b.vlanKey()));
      keys = Arrays.stream(interfaces).mapToInt(Interface::vlanKey).toArray();
    }

    /** The interface of frames with these tags, or null. */
    Interface find(int vlanKey) {
      if (keys[0] == vlanKey) {
        return interfaces[0];
      }
      int at = Arrays.binarySearch(keys, vlanKey);
      return at >= 0 ? interfaces[at] : null;
    }
  }
}
