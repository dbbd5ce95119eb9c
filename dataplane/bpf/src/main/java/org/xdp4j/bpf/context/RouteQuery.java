package org.xdp4j.bpf.context;

/**
 * The packet a route is looked for, as {@code struct bpf_fib_lookup} says it. A context has one and
 * fills it again for every lookup.
 */
public final class RouteQuery {
  /** {@link #table} when the host's rules choose it. */
  public static final int BY_RULES = 0;

  /** The table that a direct lookup means when it names none (RT_TABLE_MAIN). */
  public static final int MAIN_TABLE = 254;

  public boolean ipv6;

  /** The table to look in, or {@link #BY_RULES}. */
  public int table;

  /** The interface the packet came in on; 1, loopback, for one this host sends itself. */
  public int ingress;

  /** The interface it must leave by, 0 for any. */
  public int egress;

  /** Addresses: for IPv4 in the lower 32 bits of the lower half. */
  public long sourceHigh;

  public long sourceLow;
  public long destinationHigh;
  public long destinationLow;

  public int protocol;
  public int sourcePort;
  public int destinationPort;

  /** For IPv4 the type of service; for IPv6 traffic class and flow label. */
  public int flowInfo;

  /** The packet's mark (SO_MARK), 0 for none. */
  public int mark;
}
