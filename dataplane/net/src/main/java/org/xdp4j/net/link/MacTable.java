package org.xdp4j.net.link;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.xdp4j.net.wire.KeyedHash;
import org.xdp4j.net.wire.MacAddress;

/**
 * Which port each station of a bridge is behind (IEEE 802.1Q, section 8.8). Sets of {@value #WAYS}
 * entries; the one not heard of for longest makes room. Any thread learns and looks up at any time:
 * an entry never changes but for when it was last heard, so what is read is always whole. Which set
 * a station is in depends on a key of the table's own: nobody can choose addresses that push out a
 * certain one.
 */
public final class MacTable {
  /** Entries are forgotten after this time (IEEE 802.1Q, table 8-6). */
  public static final long AGEING_TIME = 300_000_000_000L;

  private static final int WAYS = 8;

  /** How old an entry's time may be before it is written again: spares a store a frame. */
  private static final long FRESH = 1_000_000_000L;

  /** One station. */
  public static final class Entry {
    private final long key;
    private final int port;
    private volatile long heard;

    private Entry(long key, int port, long heard) {
      this.key = key;
      this.port = port;
      this.heard = heard;
    }

    /** The station's address. */
    public long mac() {
      return key & (1L << 48) - 1;
    }

    public int vlan() {
      return (int) (key >>> 48);
    }

    public int port() {
      return port;
    }

    @Override
    public String toString() {
      return MacAddress.format(mac()) + " vlan " + vlan() + " port " + port;
    }
  }

  private final KeyedHash hash = new KeyedHash();
  private final AtomicReferenceArray<Entry> entries;
  private final int setMask;

  /** Makes an empty table of at least so many entries. */
  public MacTable(int capacity) {
    // Twice as many: stations do not spread evenly, and a full set forgets one that is there.
    int sets = Integer.highestOneBit(Math.max(1, (capacity - 1) / WAYS)) * 4;
    entries = new AtomicReferenceArray<>(sets * WAYS);
    setMask = sets - 1;
  }

  private int set(long key) {
    return (hash.of(key, 0, 0) & setMask) * WAYS;
  }

  /** Station and VLAN in one word, of which each bit counts for the {@link #set}. */
  private static long key(int vlan, long mac) {
    return (long) vlan << 48 | mac;
  }

  /** Takes down that a station of a VLAN is behind a port. */
  public void learn(int vlan, long mac, int port, long now) {
    long key = key(vlan, mac);
    int set = set(key);
    int place = set;
    long oldest = Long.MAX_VALUE;
    for (int i = set; i < set + WAYS; i++) {
      Entry entry = entries.getAcquire(i);
      if (entry != null && entry.key == key) {
        if (entry.port == port) {
          if (now - entry.heard > FRESH) {
            entry.heard = now;
          }
          return;
        }
        place = i;
        break;
      }
      long heard = entry == null ? Long.MIN_VALUE : entry.heard;
      if (heard < oldest) {
        oldest = heard;
        place = i;
      }
    }
    entries.setRelease(place, new Entry(key, port, now));
  }

  /** The port a station of a VLAN is behind, or -1 when that is not known. */
  public int find(int vlan, long mac, long now) {
    long key = key(vlan, mac);
    int set = set(key);
    for (int i = set; i < set + WAYS; i++) {
      Entry entry = entries.getAcquire(i);
      if (entry != null && entry.key == key) {
        return now - entry.heard <= AGEING_TIME ? entry.port : -1;
      }
    }
    return -1;
  }

  /** Forgets all stations behind a port, which went down. */
  public void flush(int port) {
    for (int i = 0; i < entries.length(); i++) {
      Entry entry = entries.getAcquire(i);
      if (entry != null && entry.port == port) {
        entries.compareAndSet(i, entry, null);
      }
    }
  }

  /** All stations heard of lately. */
  public List<Entry> list(long now) {
    List<Entry> all = new ArrayList<>();
    for (int i = 0; i < entries.length(); i++) {
      Entry entry = entries.getAcquire(i);
      if (entry != null && now - entry.heard <= AGEING_TIME) {
        all.add(entry);
      }
    }
    return all;
  }
}
