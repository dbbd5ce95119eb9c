package org.xdp4j.net.flow;

import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.xdp4j.net.wire.KeyedHash;

/**
 * Entries by a key of five words: any thread finds them without a lock, while one at a time adds
 * and removes. An entry removed stays in its slot, marked, until a new one takes the slot or the
 * table is copied; so a search under way never misses an entry that is there.
 *
 * <p>Where a key goes depends on seeds that each table draws for itself: who sends packets cannot
 * choose keys that meet in one place and make all searches long (RFC 4732, 3.1).
 */
public final class KeyTable<E extends KeyEntry> {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final long seed0;
  private final long seed1;
  private final long seed2;
  private final long seed3;
  private final long seed4;
  private final long seed5;
  private int capacity;
  private volatile AtomicReferenceArray<E> slots;
  private int size;
  private int gone;

  /** Makes an empty table for so many entries. */
  public KeyTable(int capacity) {
    this(capacity, RANDOM);
  }

  /**
   * Makes an empty table for so many entries.
   *
   * @param random where its seeds come from
   */
  public KeyTable(int capacity, RandomGenerator random) {
    this.seed0 = random.nextLong();
    this.seed1 = random.nextLong();
    this.seed2 = random.nextLong();
    this.seed3 = random.nextLong();
    this.seed4 = random.nextLong();
    this.seed5 = random.nextLong();
    this.capacity = capacity;
    this.slots = new AtomicReferenceArray<>(slots(capacity));
  }

  private static int slots(int entries) {
    return Integer.highestOneBit(Math.max(4, entries)) * 4;
  }

  /**
   * Has room for another number of entries from now on; for one writer at a time. Those that are
   * there stay, also where they are too many now.
   */
  public void resize(int entries) {
    if (entries != capacity) {
      capacity = entries;
      copy(slots(Math.max(entries, size)));
    }
  }

  /** Three products, each of two words that only this table's seeds make known. */
  private int hash(long a, long b, long c, long d, long e) {
    long mixed = KeyedHash.product(a ^ seed0, b ^ seed1);
    mixed = KeyedHash.product(c ^ seed2, mixed ^ d ^ seed3);
    mixed = KeyedHash.product(e ^ seed4, mixed ^ seed5);
    return (int) (mixed ^ mixed >>> 32);
  }

  /** The entry with this key, or null. */
  public E find(long a, long b, long c, long d, long e) {
    AtomicReferenceArray<E> table = slots;
    int mask = table.length() - 1;
    int at = hash(a, b, c, d, e) & mask;
    for (E entry = table.getAcquire(at); entry != null; entry = table.getAcquire(at)) {
      if (entry.is(a, b, c, d, e)) {
        return entry;
      }
      at = at + 1 & mask;
    }
    return null;
  }

  /** How many entries there are; for writers. */
  public int size() {
    return size;
  }

  /** Whether there is no room for another; for writers. */
  public boolean isFull() {
    return size >= capacity;
  }

  /** Adds an entry whose key is not there; for one writer at a time. */
  public void add(E fresh) {
    AtomicReferenceArray<E> table = slots;
    int mask = table.length() - 1;
    int at = hash(fresh.k0, fresh.k1, fresh.k2, fresh.k3, fresh.k4) & mask;
    E entry = table.getPlain(at);
    while (entry != null && !entry.isGone()) {
      at = at + 1 & mask;
      entry = table.getPlain(at);
    }
    gone -= entry == null ? 0 : 1;
    table.setRelease(at, fresh);
    size++;
  }

  /** Removes an entry that is there; for one writer at a time. */
  public void remove(E entry) {
    entry.leave();
    size--;
    gone++;
    if (gone > slots.length() / 4) {
      copy(slots.length());
    }
  }

  private void copy(int length) {
    AtomicReferenceArray<E> old = slots;
    AtomicReferenceArray<E> fresh = new AtomicReferenceArray<>(length);
    int mask = fresh.length() - 1;
    for (int i = 0; i < old.length(); i++) {
      E entry = old.getPlain(i);
      if (entry != null && !entry.isGone()) {
        int at = hash(entry.k0, entry.k1, entry.k2, entry.k3, entry.k4) & mask;
        while (fresh.getPlain(at) != null) {
          at = at + 1 & mask;
        }
        fresh.setPlain(at, entry);
      }
    }
    gone = 0;
    slots = fresh;
  }

  /** Slots, for a writer that visits them a few at a time. */
  public int slotCount() {
    return slots.length();
  }

  /** The entry in a slot, or null. */
  public E slot(int index) {
    AtomicReferenceArray<E> table = slots;
    E entry = index < table.length() ? table.getAcquire(index) : null;
    return entry == null || entry.isGone() ? null : entry;
  }

  /** Visits all entries in no order. */
  public void forEach(Consumer<E> action) {
    for (int i = 0; i < slotCount(); i++) {
      E entry = slot(i);
      if (entry != null) {
        action.accept(entry);
      }
    }
  }
}
