package org.xdp4j.net.route;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.KeyedHash;

/**
 * Neighbours by interface and address: open addressing that one writer changes while others read.
 * An entry removed stays in its slot, marked as gone, until a new one takes the slot or the table
 * is copied; so a search that is under way never misses an entry that is there.
 *
 * <p>A search ends at a slot that was never taken. There always are some: an eighth of them stays
 * empty, and a table that more is added to than it was made for grows.
 */
final class NeighborTable {
  private final KeyedHash hash = new KeyedHash();
  private volatile AtomicReferenceArray<Neighbor> slots;
  private int size;
  private int gone;

  NeighborTable(int capacity) {
    slots = new AtomicReferenceArray<>(slots(capacity));
  }

  private static int slots(int entries) {
    return Integer.highestOneBit(Math.max(4, entries)) * 4;
  }

  /** Has room for another number of entries; those that are there stay. */
  void resize(int capacity) {
    copy(slots(Math.max(capacity, size)));
  }

  /** The entry, or null; for any thread. */
  Neighbor find(int interfaceIndex, boolean ipv6, long high, long low) {
    AtomicReferenceArray<Neighbor> table = slots;
    int mask = table.length() - 1;
    int at = hash.of(high, low, interfaceIndex) & mask;
    for (Neighbor entry = table.getAcquire(at); entry != null; entry = table.getAcquire(at)) {
      if (entry.is(interfaceIndex, ipv6, high, low) && !entry.isGone()) {
        return entry;
      }
      at = at + 1 & mask;
    }
    return null;
  }

  int size() {
    return size;
  }

  /** The most slots in a row that a search may have to look at. */
  int longestRun() {
    int longest = 0;
    int run = 0;
    for (int i = 0; i < slots.length(); i++) {
      run = slots.getPlain(i) == null ? 0 : run + 1;
      longest = Math.max(longest, run);
    }
    return longest;
  }

  void add(Neighbor fresh) {
    if (size + gone >= slots.length() / 8 * 7) {
      copy(slots(size + 1));
    }
    AtomicReferenceArray<Neighbor> table = slots;
    int mask = table.length() - 1;
    IpAddress address = fresh.address();
    int at = hash.of(address.high(), address.low(), fresh.interfaceIndex()) & mask;
    Neighbor entry = table.getPlain(at);
    while (entry != null && !entry.isGone()) {
      at = at + 1 & mask;
      entry = table.getPlain(at);
    }
    gone -= entry == null ? 0 : 1;
    table.setRelease(at, fresh);
    size++;
  }

  void remove(Neighbor entry) {
    entry.set(NeighborState.GONE);
    size--;
    gone++;
    if (gone > slots.length() / 4) {
      copy(slots.length());
    }
  }

  private void copy(int length) {
    AtomicReferenceArray<Neighbor> old = slots;
    AtomicReferenceArray<Neighbor> fresh = new AtomicReferenceArray<>(length);
    int mask = fresh.length() - 1;
    for (int i = 0; i < old.length(); i++) {
      Neighbor entry = old.getPlain(i);
      if (entry != null && !entry.isGone()) {
        IpAddress address = entry.address();
        int at = hash.of(address.high(), address.low(), entry.interfaceIndex()) & mask;
        while (fresh.getPlain(at) != null) {
          at = at + 1 & mask;
        }
        fresh.setPlain(at, entry);
      }
    }
    gone = 0;
    slots = fresh;
  }

  void forEach(Consumer<Neighbor> action) {
    AtomicReferenceArray<Neighbor> table = slots;
    for (int i = 0; i < table.length(); i++) {
      Neighbor entry = table.getAcquire(i);
      if (entry != null && !entry.isGone()) {
        action.accept(entry);
      }
    }
  }
}
