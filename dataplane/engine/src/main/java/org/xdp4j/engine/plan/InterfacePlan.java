package org.xdp4j.engine.plan;

import java.util.List;
import org.xdp4j.net.stack.ReversePath;
import org.xdp4j.net.wire.IpPrefix;

/**
 * A way onto a link: a port or a bridge, or a VLAN of one, with IP addresses.
 *
 * @param name its own; often the port's
 * @param on the name of the port or bridge it is on
 * @param tag which frames of it are its own
 * @param mac its hardware address; 0 for the port's
 * @param mtu the largest IP packet it sends; 0 for the port's
 * @param addresses with their prefix lengths
 * @param options what it does beyond that
 */
public record InterfacePlan(
    String name, String on, Tag tag, long mac, int mtu, List<IpPrefix> addresses, Options options) {
  /** Takes a copy of the list. */
  public InterfacePlan {
    addresses = List.copyOf(addresses);
  }

  /**
   * The VLAN tags of an interface's frames.
   *
   * @param vlan 0 for none
   * @param inner the second tag, 0 for none
   * @param outerType the EtherType of the outer of two tags, usually 0x88a8
   */
  public record Tag(int vlan, int inner, int outerType) {
    /** Frames without a tag. */
    public static final Tag NONE = new Tag(0, 0, 0x88a8);

    /** Frames of one VLAN. */
    public static Tag of(int vlan) {
      return new Tag(vlan, 0, 0x88a8);
    }
  }

  /**
   * What an interface does.
   *
   * @param forwarding whether packets from it are forwarded
   * @param directedBroadcast whether packets to all its stations are sent there (RFC 2644)
   * @param sourceRoute whether packets with a source route are let in
   * @param redirects whether senders are told of a better next hop on their own link
   * @param advertise whether its IPv6 prefixes are advertised (RFC 4861)
   * @param mirror whether copies of what comes in go to the plan's mirror port
   * @param detectDuplicates whether addresses are checked before they are used
   * @param reversePath how sources are checked (RFC 3704)
   * @param policeRate bytes a second that come in at the most; 0 for any
   * @param policeBurst bytes at once
   */
  public record Options(
      boolean forwarding,
      boolean directedBroadcast,
      boolean sourceRoute,
      boolean redirects,
      boolean advertise,
      boolean mirror,
      boolean detectDuplicates,
      ReversePath reversePath,
      long policeRate,
      long policeBurst) {
    /** Forwards and redirects; nothing else. */
    public static Options defaults() {
      return new Options(true, false, false, true, false, false, false, ReversePath.OFF, 0, 0);
    }

    /** The same but for whether it forwards. */
    public Options withForwarding(boolean fresh) {
      return new Options(
          fresh,
          directedBroadcast,
          sourceRoute,
          redirects,
          advertise,
          mirror,
          detectDuplicates,
          reversePath,
          policeRate,
          policeBurst);
    }

    /** The same but for whether directed broadcasts are sent. */
    public Options withDirectedBroadcast(boolean fresh) {
      return new Options(
          forwarding,
          fresh,
          sourceRoute,
          redirects,
          advertise,
          mirror,
          detectDuplicates,
          reversePath,
          policeRate,
          policeBurst);
    }

    /** The same but for whether it redirects. */
    public Options withRedirects(boolean fresh) {
      return new Options(
          forwarding,
          directedBroadcast,
          sourceRoute,
          fresh,
          advertise,
          mirror,
          detectDuplicates,
          reversePath,
          policeRate,
          policeBurst);
    }

    /** The same but for whether it is mirrored. */
    public Options withMirror(boolean fresh) {
      return new Options(
          forwarding,
          directedBroadcast,
          sourceRoute,
          redirects,
          advertise,
          fresh,
          detectDuplicates,
          reversePath,
          policeRate,
          policeBurst);
    }

    /** The same but for how sources are checked. */
    public Options withReversePath(ReversePath fresh) {
      return new Options(
          forwarding,
          directedBroadcast,
          sourceRoute,
          redirects,
          advertise,
          mirror,
          detectDuplicates,
          fresh,
          policeRate,
          policeBurst);
    }

    /** The same with a limit on what comes in. */
    public Options withPolice(long bytesPerSecond, long burst) {
      return new Options(
          forwarding,
          directedBroadcast,
          sourceRoute,
          redirects,
          advertise,
          mirror,
          detectDuplicates,
          reversePath,
          bytesPerSecond,
          burst);
    }
  }

  /** An interface on a port or bridge, untagged, with these addresses. */
  public static InterfacePlan of(String name, String on, String... addresses) {
    return new InterfacePlan(
        name,
        on,
        Tag.NONE,
        0,
        0,
        java.util.Arrays.stream(addresses).map(IpPrefix::parse).toList(),
        Options.defaults());
  }

  /** The same of a VLAN. */
  public InterfacePlan withTag(Tag fresh) {
    return new InterfacePlan(name, on, fresh, mac, mtu, addresses, options);
  }

  /** The same with another hardware address. */
  public InterfacePlan withMac(long fresh) {
    return new InterfacePlan(name, on, tag, fresh, mtu, addresses, options);
  }

  /** The same with another MTU. */
  public InterfacePlan withMtu(int fresh) {
    return new InterfacePlan(name, on, tag, mac, fresh, addresses, options);
  }

  /** The same with other options. */
  public InterfacePlan withOptions(Options fresh) {
    return new InterfacePlan(name, on, tag, mac, mtu, addresses, fresh);
  }
}
