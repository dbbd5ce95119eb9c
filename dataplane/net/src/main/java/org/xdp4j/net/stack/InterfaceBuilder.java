package org.xdp4j.net.stack;

import java.util.ArrayList;
import java.util.List;
import org.xdp4j.net.police.Policer;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.Ethernet;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpPrefix;
import org.xdp4j.net.wire.Ipv6;
import org.xdp4j.net.wire.MacAddress;

/** Collects what an {@link Interface} is made of, and checks that it makes one. */
public final class InterfaceBuilder {
  private static final int MIN_MTU = 68; // RFC 791, section 3.2
  private static final int MAX_MTU = 65_535;
  private static final int MAX_VLAN = 4094;

  final int index;
  final String name;
  int port = -1;
  int bridge = -1;
  int vlan;
  int innerVlan;
  int outerType = EtherType.SERVICE_VLAN;
  long mac;
  int mtu = 1500;
  boolean forwarding = true;
  boolean directedBroadcast;
  boolean sourceRoute;
  boolean redirects = true;
  boolean advertise;
  boolean mirror;
  Policer policer;
  ReversePath reversePath = ReversePath.OFF;
  private boolean detectDuplicates;
  private final List<IpPrefix> prefixes = new ArrayList<>();

  InterfaceBuilder(int index, String name) {
    this.index = index;
    this.name = name;
  }

  /** The port its frames come from and go to. */
  public InterfaceBuilder port(int number) {
    this.port = number;
    return this;
  }

  /** Puts it on a bridge instead of a port; {@code number} as {@link Topology} knows it. */
  public InterfaceBuilder bridge(int number) {
    this.bridge = number;
    return this;
  }

  /** Frames have this VLAN's tag (IEEE 802.1Q). */
  public InterfaceBuilder vlan(int id) {
    this.vlan = id;
    return this;
  }

  /** Frames have a service tag of {@code outer} before one of {@code inner} (IEEE 802.1ad). */
  public InterfaceBuilder vlan(int outer, int inner) {
    this.vlan = outer;
    this.innerVlan = inner;
    return this;
  }

  /** The EtherType of the outer of two tags; 0x88a8 unless said. */
  public InterfaceBuilder outerType(int type) {
    this.outerType = type;
    return this;
  }

  public InterfaceBuilder mac(long address) {
    this.mac = address;
    return this;
  }

  public InterfaceBuilder mac(String address) {
    return mac(MacAddress.parse(address));
  }

  /** The largest IP packet in bytes. */
  public InterfaceBuilder mtu(int bytes) {
    this.mtu = bytes;
    return this;
  }

  /**
   * Adds an address with its prefix length, as in {@code 10.0.0.1/24}. With its first IPv6 address
   * an interface gets a link-local one too.
   */
  public InterfaceBuilder address(String prefix) {
    return address(IpPrefix.parse(prefix));
  }

  /** Adds an address with its prefix length. */
  public InterfaceBuilder address(IpPrefix prefix) {
    prefixes.add(prefix);
    return this;
  }

  /** Whether packets from it are forwarded; they are unless said. */
  public InterfaceBuilder forwarding(boolean on) {
    this.forwarding = on;
    return this;
  }

  /** Whether packets to all stations of its link are sent there (RFC 2644); not unless said. */
  public InterfaceBuilder directedBroadcast(boolean on) {
    this.directedBroadcast = on;
    return this;
  }

  /** Whether packets with a source route are let in (RFC 7126, section 4.3); not unless said. */
  public InterfaceBuilder sourceRoute(boolean on) {
    this.sourceRoute = on;
    return this;
  }

  /** Whether senders are told of a better next hop on their own link; they are unless said. */
  public InterfaceBuilder redirects(boolean on) {
    this.redirects = on;
    return this;
  }

  /** Whether its IPv6 prefixes are advertised (RFC 4861, section 6.2); not unless said. */
  public InterfaceBuilder advertise(boolean on) {
    this.advertise = on;
    return this;
  }

  /** Whether its frames are shown to {@link Output#mirror} as they came. */
  public InterfaceBuilder mirror(boolean on) {
    this.mirror = on;
    return this;
  }

  /** Limits what is received to so many bytes a second, link headers included; any unless said. */
  public InterfaceBuilder police(long bytesPerSecond, long burstBytes) {
    this.policer = new Policer(bytesPerSecond, burstBytes);
    return this;
  }

  /** How sources are checked; not unless said. */
  public InterfaceBuilder reversePath(ReversePath check) {
    this.reversePath = check;
    return this;
  }

  /** Whether addresses are checked for duplicates before they are used (RFC 4862, RFC 5227). */
  public InterfaceBuilder detectDuplicates(boolean on) {
    this.detectDuplicates = on;
    return this;
  }

  /** The addresses of one family, the link-local one included. */
  List<InterfaceAddress> addresses(boolean ipv6) {
    List<InterfaceAddress> found = new ArrayList<>();
    boolean linkLocal = !ipv6;
    for (IpPrefix prefix : prefixes) {
      if (prefix.address().isIpv6() == ipv6) {
        found.add(address0(prefix));
        linkLocal |= prefix.address().isLinkLocal();
      }
    }
    if (!linkLocal && !found.isEmpty()) {
      IpAddress own = IpAddress.of(0xfe80L << 48, MacAddress.interfaceIdentifier(mac));
      found.add(0, address0(new IpPrefix(own, 64)));
    }
    return found;
  }

  private InterfaceAddress address0(IpPrefix prefix) {
    return new InterfaceAddress(prefix, detectDuplicates);
  }

  /**
   * Makes the interface.
   *
   * @throws IllegalArgumentException naming the interface and what is wrong with it
   */
  public Interface build() {
    require(index > 0, "its index is " + index + "; indices are from 1");
    require(port >= 0 != bridge >= 0, "it needs either a port or a bridge");
    require(mac != 0 && !Ethernet.isGroup(mac) && mac >>> 48 == 0, "it needs a station's MAC");
    require(mtu >= MIN_MTU && mtu <= MAX_MTU, "its MTU is " + mtu + ", not 68 to 65535");
    require(vlan >= 0 && vlan <= MAX_VLAN, "VLANs are 1 to 4094, not " + vlan);
    require(bridge < 0 || innerVlan == 0, "on a bridge it has one VLAN");
    require(innerVlan >= 0 && innerVlan <= MAX_VLAN, "VLANs are 1 to 4094, not " + innerVlan);
    for (IpPrefix prefix : prefixes) {
      check(prefix);
    }
    return new Interface(this);
  }

  private void check(IpPrefix prefix) {
    IpAddress address = prefix.address();
    require(
        !address.isMulticast() && !address.isUnspecified() && prefix.length() > 0,
        prefix + " is no station's address");
    require(
        !address.isIpv6() || mtu >= Ipv6.MIN_MTU,
        "its MTU of " + mtu + " is too small for IPv6, which needs 1280");
    boolean wholeHostPart =
        !address.isIpv6()
            && prefix.length() < 31
            && (address.equals(prefix.network().address())
                || address.ipv4() == prefix.broadcast4());
    require(!wholeHostPart, prefix + " is the address of a network or of all its stations");
  }

  private void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException("interface " + name + ": " + otherwise);
    }
  }
}
