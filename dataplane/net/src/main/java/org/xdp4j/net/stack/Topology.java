package org.xdp4j.net.stack;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

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

  private Topology(List<Interface> interfaces) {
    this.interfaces = List.copyOf(interfaces);
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
  }

  /**
   * Makes the picture.
   *
   * @throws IllegalArgumentException when two interfaces claim the same index, name, frames or
   *     address
   */
  public static Topology of(List<Interface> interfaces) {
    Set<Object> seen = new HashSet<>();
    for (Interface each : interfaces) {
      require(seen.add(each.index), each, "index " + each.index + " is another's");
      require(seen.add(each.name), each, "its name is another's");
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
    return new Topology(interfaces);
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
