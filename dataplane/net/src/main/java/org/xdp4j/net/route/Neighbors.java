package org.xdp4j.net.route;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.xdp4j.net.wire.IpAddress;

/**
 * The neighbours on all links, and what is done about each: neighbour unreachability detection (RFC
 * 4861, section 7.3) for ARP and neighbour discovery alike. Shared by all workers. Sends nothing
 * itself: what has to be asked is handed to a {@link Solicitor}.
 *
 * <p>Bounded: {@code capacity} entries, of which a quarter may be waiting for a first answer, so
 * that a scan of a link's addresses pushes out no neighbour that is there (RFC 6583, section 7.1).
 *
 * <p>Times are nanoseconds on any clock that never goes back.
 */
public final class Neighbors {
  private static final long SECOND = 1_000_000_000L;
  static final long REACHABLE_TIME = 30 * SECOND;
  static final long RETRANS_TIMER = SECOND;
  static final long DELAY_FIRST_PROBE_TIME = 5 * SECOND;
  static final int MAX_SOLICITS = 3;

  /** An entry that failed, or was not used for so long, makes room. */
  private static final long FAILED_TIME = 5 * SECOND;

  private static final long UNUSED_TIME = 60 * SECOND;

  private static final long SCAN_INTERVAL = SECOND / 20;

  /** Sends what has to be asked. */
  public interface Solicitor {
    /**
     * Asks for a neighbour's hardware address.
     *
     * @param unicast whether the neighbour itself is asked if it is still there, rather than all
     */
    void solicit(Neighbor neighbor, boolean unicast);
  }

  private int capacity;
  private final NeighborTable table;
  private final List<Neighbor> timed = new ArrayList<>();
  private int incomplete;
  private int spread;
  private volatile long nextScan = Long.MIN_VALUE;

  /** Makes an empty table for so many neighbours. */
  public Neighbors(int capacity) {
    this.capacity = capacity;
    this.table = new NeighborTable(capacity);
  }

  /**
   * Has room for another number of neighbours from now on. Those that are known stay, also where
   * they are too many now: none is added then until some have left.
   */
  public synchronized void resize(int entries) {
    if (entries != capacity) {
      capacity = entries;
      table.resize(entries);
    }
  }

  /** The entry of an address on a link, or null. */
  public Neighbor find(int interfaceIndex, boolean ipv6, long high, long low) {
    return table.find(interfaceIndex, ipv6, high, low);
  }

  /** The entry of an address on a link, or null. */
  public Neighbor find(int interfaceIndex, IpAddress address) {
    return table.find(interfaceIndex, address.isIpv6(), address.high(), address.low());
  }

  /**
   * Makes sure that an address is being resolved.
   *
   * @param solicitor asked to send the first solicitation, if none is under way
   * @return the entry, usable or not; null when the table has no room
   */
  public synchronized Neighbor resolve(
      int interfaceIndex, IpAddress address, long now, Solicitor solicitor) {
    Neighbor entry = find(interfaceIndex, address);
    boolean known = entry != null && entry.state() != NeighborState.FAILED;
    if (known && entry.state() != NeighborState.NONE) {
      return entry;
    }
    if (incomplete >= Math.max(1, capacity / 4) || entry == null && table.size() >= capacity) {
      return null;
    }
    if (entry == null) {
      entry = add(interfaceIndex, address, now);
    }
    change(entry, NeighborState.INCOMPLETE, now);
    entry.probes = 1;
    entry.deadline = now + RETRANS_TIMER;
    solicitor.solicit(entry, false);
    return entry;
  }

  private Neighbor add(int interfaceIndex, IpAddress address, long now) {
    Neighbor entry = new Neighbor(interfaceIndex, address);
    entry.since = now;
    table.add(entry);
    timed.add(entry);
    return entry;
  }

  /** A packet was sent to a neighbour not confirmed lately: it will be asked soon. */
  public synchronized void used(Neighbor entry, long now) {
    if (entry.state() == NeighborState.STALE) {
      change(entry, NeighborState.DELAY, now);
      entry.deadline = now + DELAY_FIRST_PROBE_TIME;
    }
  }

  /**
   * A packet from a neighbour told its hardware address without having been asked (RFC 4861,
   * section 7.2.3; RFC 826). That says where it is, not that it hears us.
   *
   * @param create whether an entry is made when there is none
   */
  public synchronized void heard(
      int interfaceIndex, IpAddress address, long mac, long now, boolean create) {
    Neighbor entry = find(interfaceIndex, address);
    if (entry == null) {
      if (!create || table.size() >= capacity) {
        return;
      }
      entry = add(interfaceIndex, address, now);
    }
    NeighborState state = entry.state();
    if (state == NeighborState.PERMANENT || state.isUsable() && entry.mac() == mac) {
      return;
    }
    change(entry, NeighborState.STALE, mac, now);
  }

  /**
   * A neighbour advertised itself (RFC 4861, section 7.2.5); an ARP reply to us is one that was
   * solicited and overrides.
   *
   * @param mac its hardware address, or -1 when it did not say
   */
  public synchronized void advertised(
      Neighbor entry, long mac, boolean solicited, boolean override, long now) {
    NeighborState state = entry.state();
    if (state == NeighborState.PERMANENT || state == NeighborState.GONE) {
      return;
    }
    if (!state.isUsable()) {
      if (mac >= 0 && state != NeighborState.NONE) {
        change(entry, solicited ? NeighborState.REACHABLE : NeighborState.STALE, mac, now);
      }
      return;
    }
    boolean other = mac >= 0 && mac != entry.mac();
    if (other && !override) {
      if (state == NeighborState.REACHABLE) {
        change(entry, NeighborState.STALE, now);
      }
      return;
    }
    long known = other ? mac : entry.mac();
    if (solicited) {
      change(entry, NeighborState.REACHABLE, known, now);
    } else if (other) {
      change(entry, NeighborState.STALE, known, now);
    }
  }

  /** Takes down whether a neighbour is a router. */
  public synchronized void setRouter(Neighbor entry, boolean isRouter) {
    entry.setRouter(isRouter);
  }

  /**
   * Sets an entry that stays until it is removed. It is added also where there are too many
   * already: who sets it has counted.
   */
  public synchronized void setPermanent(int interfaceIndex, IpAddress address, long mac) {
    Neighbor entry = find(interfaceIndex, address);
    if (entry == null) {
      entry = add(interfaceIndex, address, 0);
    }
    change(entry, NeighborState.PERMANENT, mac, 0);
  }

  /** Removes an entry. */
  public synchronized boolean remove(int interfaceIndex, IpAddress address) {
    Neighbor entry = find(interfaceIndex, address);
    if (entry != null) {
      drop(entry);
      timed.remove(entry);
    }
    return entry != null;
  }

  /** Removes all entries of an interface but permanent ones: its link went down. */
  public synchronized void flush(int interfaceIndex) {
    timed.removeIf(
        entry -> {
          boolean leaves =
              entry.interfaceIndex() == interfaceIndex && entry.state() != NeighborState.PERMANENT;
          if (leaves) {
            drop(entry);
          }
          return leaves;
        });
  }

  private void drop(Neighbor entry) {
    incomplete -= entry.state() == NeighborState.INCOMPLETE ? 1 : 0;
    table.remove(entry);
  }

  private void change(Neighbor entry, NeighborState state, long now) {
    change(entry, state, entry.mac(), now);
  }

  private void change(Neighbor entry, NeighborState state, long mac, long now) {
    incomplete -= entry.state() == NeighborState.INCOMPLETE ? 1 : 0;
    incomplete += state == NeighborState.INCOMPLETE ? 1 : 0;
    entry.since = now;
    entry.probes = 0;
    if (state == NeighborState.REACHABLE) {
      // Between half and one and a half of the time, so that entries do not expire together.
      spread = spread * 1_103_515_245 + 12_345;
      entry.deadline = now + REACHABLE_TIME / 2 + (spread >>> 8) * (REACHABLE_TIME >>> 24);
    }
    entry.set(state, mac);
  }

  /**
   * Does what is due: asks again, gives up, ages. To be called often, by any worker; all but one of
   * those who call it at the same time find nothing to do.
   */
  public void tick(long now, Solicitor solicitor) {
    if (now >= nextScan) {
      scan(now, solicitor);
    }
  }

  private synchronized void scan(long now, Solicitor solicitor) {
    if (now < nextScan) {
      return;
    }
    nextScan = now + SCAN_INTERVAL;
    timed.removeIf(entry -> age(entry, now, solicitor));
  }

  /** Returns whether the entry was removed. */
  private boolean age(Neighbor entry, long now, Solicitor solicitor) {
    switch (entry.state()) {
      case INCOMPLETE, PROBE -> probe(entry, now, solicitor);
      case DELAY -> {
        if (now >= entry.deadline) {
          change(entry, NeighborState.PROBE, now);
          probe(entry, now, solicitor);
        }
      }
      case REACHABLE -> {
        if (now >= entry.deadline) {
          change(entry, NeighborState.STALE, now);
        }
      }
      case STALE -> {
        return makeRoom(entry, now - entry.since >= UNUSED_TIME && table.size() > capacity / 2);
      }
      case FAILED, NONE -> {
        return makeRoom(entry, now - entry.since >= FAILED_TIME);
      }
      case PERMANENT, GONE -> {
        return entry.state() == NeighborState.GONE;
      }
    }
    return false;
  }

  private boolean makeRoom(Neighbor entry, boolean leaves) {
    if (leaves) {
      drop(entry);
    }
    return leaves;
  }

  private void probe(Neighbor entry, long now, Solicitor solicitor) {
    if (now < entry.deadline) {
      return;
    }
    if (entry.probes >= MAX_SOLICITS) {
      change(entry, NeighborState.FAILED, now);
      return;
    }
    entry.probes++;
    entry.deadline = now + RETRANS_TIMER;
    solicitor.solicit(entry, entry.state() == NeighborState.PROBE);
  }

  /** All entries, ordered by interface and address. */
  public List<Neighbor> list() {
    List<Neighbor> all = new ArrayList<>();
    table.forEach(all::add);
    all.sort(Comparator.comparingInt(Neighbor::interfaceIndex).thenComparing(Neighbor::address));
    return all;
  }

  /** How many entries there are. */
  public synchronized int size() {
    return table.size();
  }
}
