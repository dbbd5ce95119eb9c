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
 * <p>Bounded: {@code capacity} entries, of which half may be of neighbours that never answered us.
 * When those are too many, or the table is full, one of them makes room ({@link
 * UnconfirmedNeighbors}); so neither a scan of a link's addresses nor made-up senders push out a
 * neighbour that is there, or keep a new one from being found (RFC 6583, section 7.1).
 *
 * <p>What is asked for each packet takes no lock, nor does a request of a neighbour that is known;
 * an advertisement or ARP reply does.
 *
 * <p>Times are nanoseconds on any clock that never goes back.
 */
public final class Neighbors {
  private static final long SECOND = 1_000_000_000L;
  static final long REACHABLE_TIME = 30 * SECOND;
  static final long RETRANS_TIMER = SECOND;
  static final long DELAY_FIRST_PROBE_TIME = 5 * SECOND;
  static final int MAX_SOLICITS = 3;

  /** Who answers again within this time tells nothing new. */
  private static final long FRESH = SECOND;

  /** An entry that failed, or was not used for so long, makes room. */
  private static final long FAILED_TIME = 5 * SECOND;

  private static final long UNUSED_TIME = 60 * SECOND;

  private static final long SCAN_INTERVAL = SECOND / 20;

  /** Entries that are looked at before others get the lock. */
  private static final int SLICE = 512;

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
  private final UnconfirmedNeighbors unconfirmed = new UnconfirmedNeighbors();

  /**
   * All entries in the order they came; those that have left stay until the next scan. While one is
   * under way, what is between {@link #kept} and {@link #scanned} has its place before as well.
   */
  private final List<Neighbor> timed = new ArrayList<>();

  private int kept;
  private int scanned;
  private int spread;
  private volatile int settled;
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

  /**
   * How often a neighbour that was being asked for was found, given up or forgotten: as long as it
   * stays the same, nobody that packets wait for is known better than before. An entry that made
   * room for another does not count.
   */
  public int settled() {
    return settled;
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
  public Neighbor resolve(int interfaceIndex, IpAddress address, long now, Solicitor solicitor) {
    Neighbor entry = find(interfaceIndex, address);
    return entry != null && isUnderWay(entry)
        ? entry
        : begin(interfaceIndex, address, now, solicitor);
  }

  private static boolean isUnderWay(Neighbor entry) {
    return switch (entry.state()) {
      case NONE, FAILED, GONE -> false;
      default -> true;
    };
  }

  private synchronized Neighbor begin(
      int interfaceIndex, IpAddress address, long now, Solicitor solicitor) {
    Neighbor entry = find(interfaceIndex, address);
    if (entry != null && isUnderWay(entry)) {
      return entry;
    }
    if (entry == null) {
      if (!makeRoom()) {
        return null;
      }
      entry = add(interfaceIndex, address, now);
    }
    change(entry, NeighborState.INCOMPLETE, now);
    entry.probes = 1;
    entry.deadline = now + RETRANS_TIMER;
    solicitor.solicit(entry, false);
    return entry;
  }

  /** Makes room for an entry that nobody has confirmed; false when all others are. */
  private boolean makeRoom() {
    int limit = Math.max(1, capacity / 2);
    while (unconfirmed.count() >= limit || table.size() >= capacity) {
      Neighbor first = unconfirmed.first();
      if (first == null) {
        return false;
      }
      drop(first);
    }
    return true;
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
  public void heard(int interfaceIndex, IpAddress address, long mac, long now, boolean create) {
    heard(interfaceIndex, address.isIpv6(), address.high(), address.low(), mac, now, create);
  }

  /** The same; takes nothing from the heap where there is nothing new. */
  public void heard(
      int interfaceIndex, boolean ipv6, long high, long low, long mac, long now, boolean create) {
    Neighbor entry = find(interfaceIndex, ipv6, high, low);
    if (entry == null ? create : isNews(entry, mac)) {
      learn(interfaceIndex, new IpAddress(ipv6, high, low), mac, now, create);
    }
  }

  private static boolean isNews(Neighbor entry, long mac) {
    long link = entry.link();
    NeighborState state = Neighbor.state(link);
    return state != NeighborState.PERMANENT && !(state.isUsable() && Neighbor.mac(link) == mac);
  }

  private synchronized void learn(
      int interfaceIndex, IpAddress address, long mac, long now, boolean create) {
    Neighbor entry = find(interfaceIndex, address);
    if (entry == null) {
      if (!create || !makeRoom()) {
        return;
      }
      entry = add(interfaceIndex, address, now);
    }
    if (isNews(entry, mac)) {
      change(entry, NeighborState.STALE, mac, now);
    }
  }

  /**
   * A neighbour advertised itself (RFC 4861, section 7.2.5); an ARP reply to us is one that was
   * solicited and overrides.
   *
   * @param mac its hardware address, or -1 when it did not say
   */
  public void advertised(Neighbor entry, long mac, boolean solicited, boolean override, long now) {
    if (isNews(entry, mac, solicited, override, now)) {
      update(entry, mac, solicited, override, now);
    }
  }

  /** Whether there may be something to take down: if not, nobody waits for the lock. */
  private static boolean isNews(
      Neighbor entry, long mac, boolean solicited, boolean override, long now) {
    long link = entry.link();
    NeighborState state = Neighbor.state(link);
    if (state == NeighborState.PERMANENT || state == NeighborState.GONE) {
      return false;
    }
    if (!state.isUsable()) {
      return mac >= 0;
    }
    if (mac >= 0 && mac != Neighbor.mac(link)) {
      return override || state == NeighborState.REACHABLE;
    }
    boolean isFresh = state == NeighborState.REACHABLE && now - entry.since < FRESH;
    return solicited && !isFresh;
  }

  private synchronized void update(
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
  public void setRouter(Neighbor entry, boolean isRouter) {
    if (entry.isRouter() != isRouter) {
      becomeRouter(entry, isRouter);
    }
  }

  private synchronized void becomeRouter(Neighbor entry, boolean isRouter) {
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
      settled++;
    }
    return entry != null;
  }

  /** Removes all entries of an interface but permanent ones: its link went down. */
  public synchronized void flush(int interfaceIndex) {
    for (Neighbor entry : timed) {
      NeighborState state = entry.state();
      if (entry.interfaceIndex() == interfaceIndex
          && state != NeighborState.PERMANENT
          && state != NeighborState.GONE) {
        drop(entry);
      }
    }
    settled++;
  }

  private void drop(Neighbor entry) {
    unconfirmed.remove(entry);
    table.remove(entry);
  }

  private void change(Neighbor entry, NeighborState state, long now) {
    change(entry, state, entry.mac(), now);
  }

  private void change(Neighbor entry, NeighborState state, long mac, long now) {
    NeighborState before = entry.state();
    entry.since = now;
    entry.probes = 0;
    if (state == NeighborState.REACHABLE) {
      // Between half and one and a half of the time, so that entries do not expire together.
      spread = spread * 1_103_515_245 + 12_345;
      entry.deadline = now + REACHABLE_TIME / 2 + (spread >>> 8) * (REACHABLE_TIME >>> 24);
    }
    entry.set(state, mac);
    place(entry, before);
    if (before == NeighborState.INCOMPLETE && state != NeighborState.INCOMPLETE) {
      settled++;
    }
  }

  /** Keeps account of who is confirmed: who answered, until it is asked and answers no more. */
  private void place(Neighbor entry, NeighborState before) {
    NeighborState state = entry.state();
    boolean usable = state.isUsable();
    if (state == NeighborState.REACHABLE || state == NeighborState.PERMANENT) {
      entry.confirmed = true;
      unconfirmed.remove(entry);
    } else if (!usable) {
      entry.confirmed = false;
    }
    boolean moves = usable != before.isUsable() || state == NeighborState.INCOMPLETE;
    if (!entry.confirmed && (moves || entry.share == null)) {
      unconfirmed.add(entry, usable);
    }
  }

  /**
   * Does what is due: asks again, gives up, ages. To be called often, by any worker; all but one of
   * those who call it at the same time find nothing to do.
   */
  public void tick(long now, Solicitor solicitor) {
    while (now >= nextScan && scan(now, solicitor)) {
      Thread.onSpinWait(); // Others may have the lock between slices.
    }
  }

  /** Looks at some of the entries; says whether there are more. */
  private synchronized boolean scan(long now, Solicitor solicitor) {
    if (now < nextScan) {
      return false;
    }
    int end = Math.min(timed.size(), scanned + SLICE);
    for (; scanned < end; scanned++) {
      Neighbor entry = timed.get(scanned);
      if (!age(entry, now, solicitor)) {
        timed.set(kept++, entry);
      }
    }
    if (scanned < timed.size()) {
      return true;
    }
    timed.subList(kept, scanned).clear();
    kept = 0;
    scanned = 0;
    nextScan = now + SCAN_INTERVAL;
    return false;
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
        int others = entry.confirmed ? table.size() - unconfirmed.count() : table.size();
        return leave(entry, now - entry.since >= UNUSED_TIME && others > capacity / 2);
      }
      case FAILED, NONE -> {
        return leave(entry, now - entry.since >= FAILED_TIME);
      }
      case PERMANENT, GONE -> {
        return entry.state() == NeighborState.GONE;
      }
    }
    return false;
  }

  private boolean leave(Neighbor entry, boolean leaves) {
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
