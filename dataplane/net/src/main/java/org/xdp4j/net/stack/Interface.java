package org.xdp4j.net.stack;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.xdp4j.net.link.BridgePort;
import org.xdp4j.net.police.Policer;
import org.xdp4j.net.route.NextHop;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.Ethernet;
import org.xdp4j.net.wire.IpAddress;

/**
 * A way onto a link: a port, or a VLAN of it, with a hardware address, an MTU and IP addresses.
 * Immutable but for whether it is up and what duplicate detection finds out.
 */
public final class Interface {
  private static final InterfaceAddress[] NONE = {};

  final int index;
  final String name;
  final int port;
  final int bridge;
  final int vlan;
  final int innerVlan;
  final int outerType;
  final long mac;
  final int mtu;
  final InterfaceAddress[] ipv4;
  final InterfaceAddress[] ipv6;
  final boolean forwarding;
  final boolean directedBroadcast;
  final boolean sourceRoute;
  final boolean redirects;
  final boolean advertise;
  final boolean mirror;
  final ReversePath reversePath;
  final Policer policer;

  /** The way to stations of its link. */
  final NextHop onLink;

  private final boolean plainLink;
  private final int[] anycast24;
  AdvertisementSchedule schedule;
  GroupListener listener;
  private volatile boolean up = true;

  Interface(InterfaceBuilder from) {
    this.index = from.index;
    this.onLink = new NextHop(index, null);
    this.name = from.name;
    this.port = from.port;
    this.bridge = from.bridge;
    this.vlan = from.vlan;
    this.innerVlan = from.innerVlan;
    this.outerType = from.innerVlan != 0 ? from.outerType : EtherType.VLAN;
    this.mac = from.mac;
    this.mtu = from.mtu;
    this.ipv4 = from.addresses(false).toArray(NONE);
    this.ipv6 = from.addresses(true).toArray(NONE);
    this.forwarding = from.forwarding;
    this.anycast24 = forwarding ? anycast24(ipv6) : new int[0];
    this.directedBroadcast = from.directedBroadcast;
    this.sourceRoute = from.sourceRoute;
    this.redirects = from.redirects;
    this.advertise = from.advertise;
    this.mirror = from.mirror;
    this.reversePath = from.reversePath;
    this.policer = from.policer;
    this.schedule = new AdvertisementSchedule(this);
    this.listener = new GroupListener(this);
    this.plainLink = bridge < 0 && vlan == 0 && innerVlan == 0;
  }

  /** Whether it is the same way onto the same link as another, whatever its addresses are. */
  boolean isSameLink(Interface other) {
    return index == other.index
        && port == other.port
        && bridge == other.bridge
        && vlanKey() == other.vlanKey()
        && outerType == other.outerType
        && mac == other.mac;
  }

  /**
   * Goes on where the one before left off: its link is as it was, addresses that are in use need no
   * new check for duplicates. Before the interface is seen by any worker.
   */
  void takeOver(Interface before) {
    up = before.up;
    schedule = before.schedule;
    schedule.setOwner(this);
    listener = before.listener;
    listener.setOwner(this);
    takeOver(ipv4, before.ipv4);
    takeOver(ipv6, before.ipv6);
  }

  private static void takeOver(InterfaceAddress[] fresh, InterfaceAddress[] before) {
    for (int i = 0; i < fresh.length; i++) {
      for (InterfaceAddress old : before) {
        if (old.prefix().equals(fresh[i].prefix())) {
          fresh[i] = fresh[i].succeed(old);
        }
      }
    }
  }

  /** Begins one; an index is from 1 and an interface's own. */
  public static InterfaceBuilder builder(int index, String name) {
    return new InterfaceBuilder(index, name);
  }

  public int index() {
    return index;
  }

  public String name() {
    return name;
  }

  /** The port it is on; of no meaning when it is on a bridge. */
  public int port() {
    return port;
  }

  public long mac() {
    return mac;
  }

  /** The largest IP packet it sends, in bytes. */
  public int mtu() {
    return mtu;
  }

  /** Whether packets that come in on it are forwarded. */
  public boolean isForwarding() {
    return forwarding;
  }

  /** The address it would send to {@code target} from, or null. */
  public IpAddress sourceFor(IpAddress target) {
    InterfaceAddress own =
        target.isIpv6() ? source6(target.high(), target.low()) : source4(target.ipv4());
    return own == null ? null : own.address();
  }

  /** All its addresses, IPv4 first. */
  public List<InterfaceAddress> addresses() {
    return Stream.concat(Arrays.stream(ipv4), Arrays.stream(ipv6)).toList();
  }

  public boolean isUp() {
    return up;
  }

  /**
   * Says whether its link is there; any thread may. It may be another link when it comes back:
   * addresses are checked for duplicates again (RFC 4862, section 5.4; RFC 5227, section 2.1).
   */
  public void setUp(boolean isUp) {
    if (isUp && !up) {
      addresses().forEach(InterfaceAddress::check);
      listener.restart();
    }
    up = isUp;
  }

  /** Bytes of the link header of frames it sends. */
  int linkHeaderSize() {
    if (bridge >= 0) {
      return Ethernet.SIZE; // The bridge's ports put tags on.
    }
    int tags = (vlan != 0 ? 1 : 0) + (innerVlan != 0 ? 1 : 0);
    return Ethernet.SIZE + tags * Ethernet.TAG_SIZE;
  }

  /** The VLAN of its bridge that it is on. */
  int bridgeVlan() {
    return vlan != 0 ? vlan : BridgePort.DEFAULT_VLAN;
  }

  /** Whether nobody wants to be asked about what comes in here to be forwarded. */
  boolean isPlainRouter() {
    return forwarding && !mirror && policer == null && reversePath == ReversePath.OFF;
  }

  /** Whether its frames have no tag and leave by its port. */
  boolean isPlainLink() {
    return plainLink;
  }

  /** What tells its frames from others of its port. */
  int vlanKey() {
    return vlan << 12 | innerVlan;
  }

  /** Its entry for an IPv4 address, or null. */
  InterfaceAddress find4(int address) {
    for (InterfaceAddress own : ipv4) {
      if (own.address().ipv4() == address) {
        return own;
      }
    }
    return null;
  }

  /** Its entry for an IPv6 address, or null. */
  InterfaceAddress find6(long high, long low) {
    for (InterfaceAddress own : ipv6) {
      if (own.address().low() == low && own.address().high() == high) {
        return own;
      }
    }
    return null;
  }

  /** Whether packets to this IPv6 group are for us. */
  boolean listensTo(long high, long low) {
    if (Ipv6Addresses.isSolicitedNode(high, low)) {
      return listensToSolicitedNode((int) low & 0xff_ffff);
    }
    return low == Ipv6Addresses.ALL_NODES && high == Ipv6Addresses.LINK_SCOPE
        || low == Ipv6Addresses.ALL_ROUTERS
            && forwarding
            && (high == Ipv6Addresses.LINK_SCOPE || high == Ipv6Addresses.SITE_SCOPE);
  }

  /**
   * The IPv6 groups that it says it listens to: all but that of all nodes, which everybody does
   * (RFC 4291, section 2.8; RFC 3810, section 6).
   */
  Set<IpAddress> groups6() {
    Set<IpAddress> groups = new LinkedHashSet<>();
    if (ipv6.length != 0 && forwarding) {
      groups.add(IpAddress.of(Ipv6Addresses.LINK_SCOPE, Ipv6Addresses.ALL_ROUTERS));
      groups.add(IpAddress.of(Ipv6Addresses.SITE_SCOPE, Ipv6Addresses.ALL_ROUTERS));
    }
    for (InterfaceAddress own : ipv6) {
      if (!own.isDuplicate() || own.isChecked()) {
        groups.add(solicitedNode(own.address().low()));
      }
    }
    for (int anycast : anycast24) {
      groups.add(solicitedNode(anycast));
    }
    return groups;
  }

  private static IpAddress solicitedNode(long low) {
    return IpAddress.of(Ipv6Addresses.LINK_SCOPE, Ipv6Addresses.solicitedNode(low));
  }

  /**
   * Whether an IPv6 address of ours has the solicited-node group of these low 24 bits, the routers'
   * anycast addresses of its prefixes included (RFC 4291, sections 2.6.1 and 2.8).
   */
  boolean listensToSolicitedNode(int low24) {
    for (InterfaceAddress own : ipv6) {
      if (((int) own.address().low() & 0xff_ffff) == low24
          && (!own.isDuplicate() || own.isChecked())) {
        return true;
      }
    }
    for (int anycast : anycast24) {
      if (anycast == low24) {
        return true;
      }
    }
    return false;
  }

  /** The low 24 bits of the routers' anycast addresses. */
  private static int[] anycast24(InterfaceAddress[] ipv6) {
    return Arrays.stream(ipv6)
        .map(InterfaceAddress::prefix)
        .filter(prefix -> !prefix.address().isLinkLocal() && prefix.length() < 127)
        .mapToInt(prefix -> (int) prefix.network().address().low() & 0xff_ffff)
        .distinct()
        .toArray();
  }

  /** Whether a station with this address is on its link. */
  boolean isOnLink(boolean isIpv6, long high, long low) {
    if (isIpv6 && Ipv6Addresses.isLinkLocal(high)) {
      return true;
    }
    for (InterfaceAddress own : isIpv6 ? ipv6 : ipv4) {
      if (own.prefix().contains(high, low)) {
        return true;
      }
    }
    return false;
  }

  /** The address to send IPv4 packets to {@code target} from: one of its prefix if there is one. */
  InterfaceAddress source4(int target) {
    InterfaceAddress found = null;
    for (InterfaceAddress own : ipv4) {
      if (!own.isPreferred()) {
        continue;
      }
      int shift = Integer.SIZE - own.prefix().length();
      int differ = own.address().ipv4() ^ target;
      if (shift == Integer.SIZE || differ >>> shift == 0) {
        return own;
      }
      found = found == null ? own : found;
    }
    return found;
  }

  /** The same for IPv6: link-local for link-local targets, of its prefix, or the first. */
  InterfaceAddress source6(long high, long low) {
    boolean isLinkLocal = Ipv6Addresses.isLinkLocal(high);
    InterfaceAddress found = null;
    for (InterfaceAddress own : ipv6) {
      if (own.isPreferred() && own.address().isLinkLocal() == isLinkLocal) {
        if (own.prefix().contains(high, low)) {
          return own;
        }
        found = found == null ? own : found;
      }
    }
    return found;
  }

  /** Its usable link-local IPv6 address, or null. */
  InterfaceAddress linkLocal6() {
    for (InterfaceAddress own : ipv6) {
      if (own.address().isLinkLocal() && own.isPreferred()) {
        return own;
      }
    }
    return null;
  }

  @Override
  public String toString() {
    return name;
  }
}
