package org.xdp4j.net.nat;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.xdp4j.net.flow.KeyTable;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpProtocol;

/**
 * The mappings, and who is outside. Shared by all workers.
 *
 * <p>A mapping lives until nothing has gone through it from inside for a while: 5 minutes for UDP
 * (RFC 4787, REQ-5 and REQ-6), 60 seconds for ICMP queries (RFC 5508, REQ-2). One of TCP lives as
 * long as one of its connections: 2 hours and 4 minutes of silence while it is established, 4
 * minutes while it opens and after it closed (RFC 5382, REQ-5; RFC 7857, section 2). A segment of a
 * connection that is older than this table makes a mapping for those 4 minutes, until an answer
 * shows that there is one; Linux does so too, with 5.
 */
public final class Nat44 {
  private static final long SECOND = 1_000_000_000L;
  private static final long UDP_TIME = 300 * SECOND;
  private static final long TCP_TRANSITORY_TIME = 240 * SECOND;
  private static final long ICMP_TIME = 60 * SECOND;
  private static final int FIRST_FREE_PORT = 1024;
  private static final int LAST_PORT = 65_535;
  private static final long ANY_PARITY = -1;
  private static final int SLOTS_A_TICK = 4096;

  private volatile int[] outsideInterfaces;
  private volatile int[] pool;
  private volatile int perHost;
  private final KeyTable<NatEntry> byInside;
  private final KeyTable<NatEntry> byOutside;

  /** How many mappings inside hosts have, those of configuration left out. */
  private final Map<Integer, Integer> ofHosts = new ConcurrentHashMap<>();

  /** By protocol and outside address. */
  private final Map<Long, PortSet> ports = new HashMap<>();

  private RandomGenerator random;
  private int hand;

  /**
   * Makes one without mappings, whose hosts may have all of them, and whose ports nobody can tell
   * beforehand.
   *
   * @param outside the interfaces whose links are outside
   * @param pool addresses of ours that stand for inside ones
   * @param capacity the most mappings there may be
   */
  public Nat44(List<Integer> outside, List<IpAddress> pool, int capacity) {
    this(outside, pool, capacity, Integer.MAX_VALUE, new SecureRandom());
  }

  /**
   * Makes one without mappings.
   *
   * @param outside the interfaces whose links are outside
   * @param pool addresses of ours that stand for inside ones
   * @param capacity the most mappings there may be
   * @param perHost the most that one inside host may have (RFC 6888, REQ-4); {@link
   *     Integer#MAX_VALUE} for all
   * @param random where the search for a free port begins (RFC 6056); with the same seed the same
   *     packets get the same ports
   */
  public Nat44(
      List<Integer> outside,
      List<IpAddress> pool,
      int capacity,
      int perHost,
      RandomGenerator random) {
    if (outside.isEmpty() || pool.isEmpty()) {
      throw new IllegalArgumentException("NAT needs an outside interface and an address there");
    }
    this.outsideInterfaces = outside.stream().mapToInt(Integer::intValue).toArray();
    this.pool = pool.stream().mapToInt(IpAddress::ipv4).toArray();
    this.perHost = perHost;
    this.random = random;
    this.byInside = new KeyTable<>(capacity, random);
    this.byOutside = new KeyTable<>(capacity, random);
  }

  static long key(int protocol, int address, int port) {
    return (long) protocol << 48 | Integer.toUnsignedLong(address) << 16 | port;
  }

  /** Whether a protocol can be translated. */
  public static boolean supports(int protocol) {
    return protocol == IpProtocol.TCP || protocol == IpProtocol.UDP || protocol == IpProtocol.ICMP;
  }

  /** Whether an interface's link is outside. */
  public boolean isOutside(int interfaceIndex) {
    for (int each : outsideInterfaces) {
      if (each == interfaceIndex) {
        return true;
      }
    }
    return false;
  }

  /** Whether the same interfaces are outside for both. */
  public boolean hasSameOutside(Nat44 other) {
    return Arrays.equals(outsideInterfaces, other.outsideInterfaces);
  }

  /** The mapping of an outside endpoint, or null. */
  public NatMapping inbound(int protocol, int address, int port, long now) {
    return live(byOutside.find(key(protocol, address, port), 0, 0, 0, 0), now);
  }

  /** The mapping of an inside endpoint, or null. */
  public NatMapping known(int protocol, int address, int port, long now) {
    return live(byInside.find(key(protocol, address, port), 0, 0, 0, 0), now);
  }

  private static NatMapping live(NatEntry entry, long now) {
    return entry == null || entry.mapping.isExpired(now) ? null : entry.mapping;
  }

  /**
   * The mapping of an inside endpoint that sends something outside, made if there is none.
   *
   * @param remote whom it sends it to: an address, then 16 bits of port
   * @return null when no port or no room is left, or its host has as many as it may have
   */
  public NatMapping outbound(
      int protocol, int address, int port, long remote, int tcpFlags, long now) {
    NatMapping mapping = known(protocol, address, port, now);
    if (mapping != null) {
      sent(mapping, remote, tcpFlags, now);
      if (!mapping.isLeaving()) {
        return mapping;
      }
      // Its time was up for another worker's clock a moment ago: once that is done, a new one.
    }
    // Asked before the lock, so that others need not wait for a host that tries again and again.
    return hasAll(address) ? null : make(protocol, address, port, remote, tcpFlags, now);
  }

  /** Whether an inside host has as many mappings as it may have. */
  public boolean hasAll(int address) {
    return perHost != Integer.MAX_VALUE && ofHosts.getOrDefault(address, 0) >= perHost;
  }

  private static void sent(NatMapping mapping, long remote, int tcpFlags, long now) {
    switch (mapping.protocol()) {
      case IpProtocol.TCP -> mapping.sent(remote, tcpFlags, now);
      case IpProtocol.UDP -> mapping.keep(now, UDP_TIME);
      default -> mapping.keep(now, ICMP_TIME);
    }
  }

  private synchronized NatMapping make(
      int protocol, int address, int port, long remote, int tcpFlags, long now) {
    NatEntry old = byInside.find(key(protocol, address, port), 0, 0, 0, 0);
    if (old != null && !expire(old.mapping, now)) {
      sent(old.mapping, remote, tcpFlags, now);
      return old.mapping; // Another worker was quicker.
    }
    if (byInside.isFull() || hasAll(address)) {
      return null;
    }
    // One inside host keeps one outside address (RFC 4787, REQ-2).
    int[] addresses = pool;
    int outside = addresses[Math.floorMod(address * 0x9E3779B9, addresses.length)];
    int outsidePort = freePort(protocol, outside, port, now);
    if (outsidePort < 0) {
      return null;
    }
    NatMapping fresh = new NatMapping(protocol, address, port, outside, outsidePort, false);
    fresh.keep(now, TCP_TRANSITORY_TIME);
    sent(fresh, remote, tcpFlags, now);
    return add(fresh);
  }

  private NatMapping add(NatMapping mapping) {
    byInside.add(mapping.inside);
    byOutside.add(mapping.outside);
    ports(mapping.protocol(), mapping.outsideAddress()).take(mapping.outsidePort());
    if (!mapping.isPermanent()) {
      ofHosts.merge(mapping.insideAddress(), 1, Integer::sum);
    }
    return mapping;
  }

  /** Removes a mapping if its time is up, also by what other workers do just now. */
  private boolean expire(NatMapping mapping, long now) {
    boolean leaves = mapping.isExpired(now) && mapping.leave(now);
    if (leaves) {
      remove(mapping);
    }
    return leaves;
  }

  private void remove(NatMapping mapping) {
    byInside.remove(mapping.inside);
    byOutside.remove(mapping.outside);
    ports(mapping.protocol(), mapping.outsideAddress()).release(mapping.outsidePort());
    if (!mapping.isPermanent()) {
      ofHosts.computeIfPresent(mapping.insideAddress(), (host, n) -> n == 1 ? null : n - 1);
    }
  }

  private PortSet ports(int protocol, int address) {
    return ports.computeIfAbsent(key(protocol, address, 0), fresh -> new PortSet());
  }

  /**
   * The same port if it is free; else from a random one on (RFC 6056, 3.3.1) the first of the same
   * range and parity (RFC 4787, REQ-3 and REQ-4), of the same range, or, for one of the low range,
   * of the other.
   */
  private int freePort(int protocol, int address, int port, long now) {
    if (isFree(protocol, address, port, now)) {
      return port;
    }
    PortSet set = ports(protocol, address);
    boolean low = port < FIRST_FREE_PORT && protocol != IpProtocol.ICMP;
    int first = low ? 1 : FIRST_FREE_PORT;
    int last = low ? FIRST_FREE_PORT - 1 : LAST_PORT;
    int found = set.free(first, last, random.nextInt(first, last + 1), PortSet.parity(port));
    if (found < 0) {
      found = set.free(first, last, random.nextInt(first, last + 1), ANY_PARITY);
    }
    if (found < 0 && low) {
      int start = random.nextInt(FIRST_FREE_PORT, LAST_PORT + 1);
      found = set.free(FIRST_FREE_PORT, LAST_PORT, start, ANY_PARITY);
    }
    return found;
  }

  private boolean isFree(int protocol, int address, int port, long now) {
    if (port == 0 && protocol != IpProtocol.ICMP) {
      return false; // It means that there is none (RFC 768).
    }
    NatEntry taken = find(byOutside, key(protocol, address, port));
    return taken == null || expire(taken.mapping, now);
  }

  /**
   * Makes an outside endpoint stand for an inside one until {@link #close}: a port forward. For one
   * that nothing went through yet: whatever is there counts as taken.
   *
   * @throws IllegalArgumentException when one of both is taken or there is no room
   */
  public void open(
      int protocol, IpAddress outside, int outsidePort, IpAddress inside, int insidePort) {
    open(protocol, outside, outsidePort, inside, insidePort, Long.MIN_VALUE);
  }

  /**
   * Makes an outside endpoint stand for an inside one until {@link #close}: a port forward. A
   * mapping whose time is up by now is not in its way.
   *
   * @throws IllegalArgumentException when one of both is taken or there is no room
   */
  public synchronized void open(
      int protocol,
      IpAddress outside,
      int outsidePort,
      IpAddress inside,
      int insidePort,
      long now) {
    NatMapping mapping =
        new NatMapping(protocol, inside.ipv4(), insidePort, outside.ipv4(), outsidePort, true);
    NatEntry old = find(byInside, mapping.insideKey());
    boolean known = old != null && !expire(old.mapping, now);
    if (known || !isFree(protocol, outside.ipv4(), outsidePort, now) || byInside.isFull()) {
      throw new IllegalArgumentException("no room for " + mapping);
    }
    add(mapping);
  }

  /**
   * Becomes what another one says: its outside interfaces, its addresses, its port forwards, its
   * limits and where its ports begin. Mappings stay that still fit, which is those whose outside
   * address is still in the pool and whose endpoints no port forward takes.
   *
   * @param fresh one that nothing went through yet
   */
  public synchronized void become(Nat44 fresh, int capacity) {
    outsideInterfaces = fresh.outsideInterfaces;
    pool = fresh.pool;
    perHost = fresh.perHost;
    random = fresh.random;
    for (NatMapping mapping : list()) {
      NatEntry inside = find(fresh.byInside, mapping.insideKey());
      NatEntry outside = find(fresh.byOutside, mapping.outsideKey());
      boolean stays =
          mapping.isPermanent()
              ? inside != null && outside != null && inside.mapping == outside.mapping
              : inside == null && outside == null && isInPool(mapping.outsideAddress());
      if (!stays) {
        remove(mapping);
      }
    }
    byInside.resize(capacity);
    byOutside.resize(capacity);
    for (NatMapping mapping : fresh.list()) {
      if (find(byInside, mapping.insideKey()) == null) {
        add(mapping.copy());
      }
    }
  }

  private static NatEntry find(KeyTable<NatEntry> table, long key) {
    return table.find(key, 0, 0, 0, 0);
  }

  private boolean isInPool(int address) {
    for (int each : pool) {
      if (each == address) {
        return true;
      }
    }
    return false;
  }

  /** Removes what {@link #open} made; says whether it was there. */
  public synchronized boolean close(int protocol, IpAddress outside, int outsidePort) {
    NatEntry entry = byOutside.find(key(protocol, outside.ipv4(), outsidePort), 0, 0, 0, 0);
    boolean opened = entry != null && entry.mapping.isPermanent();
    if (opened) {
      remove(entry.mapping);
    }
    return opened;
  }

  /** Removes mappings that expired, looking at some with each call. */
  public synchronized void tick(long now) {
    int slots = byInside.slotCount();
    for (int i = 0; i < Math.min(slots, SLOTS_A_TICK); i++) {
      hand = (hand + 1) % slots;
      NatEntry entry = byInside.slot(hand);
      if (entry != null) {
        expire(entry.mapping, now);
      }
    }
  }

  /** All mappings. */
  public List<NatMapping> list() {
    List<NatMapping> all = new ArrayList<>();
    byInside.forEach(entry -> all.add(entry.mapping));
    return all;
  }
}
