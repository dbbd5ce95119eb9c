package org.xdp4j.net.nat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.xdp4j.net.flow.KeyTable;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpProtocol;
import org.xdp4j.net.wire.Tcp;

/**
 * The mappings, and who is outside. Shared by all workers.
 *
 * <p>A mapping lives until nothing has gone through it from inside for a while: 5 minutes for UDP
 * (RFC 4787, REQ-5 and REQ-6), 2 hours and 4 minutes for TCP, 4 minutes while its connection opens
 * or after it closed (RFC 5382, REQ-5), 60 seconds for ICMP queries (RFC 5508, REQ-2).
 */
public final class Nat44 {
  private static final long SECOND = 1_000_000_000L;
  private static final long UDP_TIME = 300 * SECOND;
  private static final long TCP_TIME = 7440 * SECOND;
  private static final long TCP_TRANSITORY_TIME = 240 * SECOND;
  private static final long ICMP_TIME = 60 * SECOND;
  private static final int FIRST_FREE_PORT = 1024;
  private static final int PORTS = 65_536;
  private static final int MAX_TRIES = 4096;
  private static final int SLOTS_A_TICK = 4096;

  private volatile int[] outsideInterfaces;
  private volatile int[] pool;
  private final KeyTable<NatEntry> byInside;
  private final KeyTable<NatEntry> byOutside;
  private int hand;
  private int nextTry;

  /**
   * Makes one without mappings.
   *
   * @param outside the interfaces whose links are outside
   * @param pool addresses of ours that stand for inside ones
   * @param capacity the most mappings there may be
   */
  public Nat44(List<Integer> outside, List<IpAddress> pool, int capacity) {
    if (outside.isEmpty() || pool.isEmpty()) {
      throw new IllegalArgumentException("NAT needs an outside interface and an address there");
    }
    this.outsideInterfaces = outside.stream().mapToInt(Integer::intValue).toArray();
    this.pool = pool.stream().mapToInt(IpAddress::ipv4).toArray();
    this.byInside = new KeyTable<>(capacity);
    this.byOutside = new KeyTable<>(capacity);
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
   * @return null when no port or no room is left
   */
  public NatMapping outbound(int protocol, int address, int port, int tcpFlags, long now) {
    long time = lifetime(protocol, tcpFlags);
    NatMapping mapping = known(protocol, address, port, now);
    if (mapping != null) {
      mapping.keep(now, time);
      if (!mapping.isLeaving()) {
        return mapping;
      }
      // Its time was up for another worker's clock a moment ago: once that is done, a new one.
    }
    return make(protocol, address, port, time, now);
  }

  private static long lifetime(int protocol, int tcpFlags) {
    if (protocol == IpProtocol.TCP) {
      boolean transitory = (tcpFlags & (Tcp.SYN | Tcp.FIN | Tcp.RST)) != 0;
      return transitory ? TCP_TRANSITORY_TIME : TCP_TIME;
    }
    return protocol == IpProtocol.UDP ? UDP_TIME : ICMP_TIME;
  }

  private synchronized NatMapping make(int protocol, int address, int port, long time, long now) {
    NatEntry old = byInside.find(key(protocol, address, port), 0, 0, 0, 0);
    if (old != null && !expire(old.mapping, now)) {
      old.mapping.keep(now, time);
      return old.mapping; // Another worker was quicker.
    }
    if (byInside.isFull()) {
      return null;
    }
    // One inside host keeps one outside address (RFC 4787, REQ-2).
    int[] addresses = pool;
    int outside = addresses[Math.floorMod(address * 0x9E3779B9, addresses.length)];
    int outsidePort = freePort(protocol, outside, port, now);
    if (outsidePort < 0) {
      return null;
    }
    return add(new NatMapping(protocol, address, port, outside, outsidePort, false), time, now);
  }

  private NatMapping add(NatMapping mapping, long time, long now) {
    mapping.keep(now, time);
    byInside.add(mapping.inside);
    byOutside.add(mapping.outside);
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
  }

  /** The same port if it is free, else one of the same range and parity (REQ-3 and REQ-4). */
  private int freePort(int protocol, int address, int port, long now) {
    if (isFree(protocol, address, port, now)) {
      return port;
    }
    boolean low = port < FIRST_FREE_PORT && protocol != IpProtocol.ICMP;
    int first = low ? 0 : FIRST_FREE_PORT;
    int pairs = ((low ? FIRST_FREE_PORT : PORTS) - first) / 2;
    int tries = Math.min(pairs, MAX_TRIES);
    for (int i = 0; i < tries; i++) {
      nextTry++;
      int candidate = first + Math.floorMod(nextTry * 0x9E3779B9 >>> 7, pairs) * 2 + (port & 1);
      if (candidate != 0 && isFree(protocol, address, candidate, now)) {
        return candidate;
      }
    }
    return -1;
  }

  private boolean isFree(int protocol, int address, int port, long now) {
    NatEntry taken = byOutside.find(key(protocol, address, port), 0, 0, 0, 0);
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
    add(mapping, ICMP_TIME, 0);
  }

  /**
   * Becomes what another one says: its outside interfaces, its addresses, its port forwards and its
   * capacity. Mappings stay that still fit, which is those whose outside address is still in the
   * pool and whose endpoints no port forward takes.
   *
   * @param fresh one that nothing went through yet
   */
  public synchronized void become(Nat44 fresh, int capacity) {
    outsideInterfaces = fresh.outsideInterfaces;
    pool = fresh.pool;
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
        add(mapping.copy(), ICMP_TIME, 0);
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
