package org.xdp4j.net.route;

import java.util.function.Consumer;
import org.xdp4j.net.wire.IpPrefix;

/**
 * All routes by their prefix: open addressing with linear probing, at most half full. Used by
 * writers only, one at a time.
 */
final class RouteSet {
  private Route[] slots = new Route[64];
  private final int[] countByLength = new int[129];
  private int size;

  int size() {
    return size;
  }

  private int slot(long high, long low, int length) {
    int mask = slots.length - 1;
    int at = hash(high, low, length) & mask;
    for (Route route = slots[at]; route != null; route = slots[at]) {
      if (route.high == high && route.low == low && route.length() == length) {
        return at;
      }
      at = at + 1 & mask;
    }
    return at;
  }

  private static int hash(long high, long low, int length) {
    long mixed = (high ^ Long.rotateLeft(low, 29) + length) * 0x9E3779B97F4A7C15L;
    mixed = (mixed ^ mixed >>> 32) * 0xD6E8FEB86659FD93L;
    return (int) (mixed >>> 32);
  }

  Route get(long high, long low, int length) {
    return slots[slot(high, low, length)];
  }

  /** Adds a route in place of one with the same prefix. */
  void put(Route route) {
    int at = slot(route.high, route.low, route.length());
    if (slots[at] == null) {
      size++;
      countByLength[route.length()]++;
    }
    slots[at] = route;
    if (size > slots.length / 2) {
      grow();
    }
  }

  private void grow() {
    Route[] old = slots;
    slots = new Route[old.length * 2];
    for (Route route : old) {
      if (route != null) {
        slots[slot(route.high, route.low, route.length())] = route;
      }
    }
  }

  void remove(Route route) {
    int mask = slots.length - 1;
    int hole = slot(route.high, route.low, route.length());
    slots[hole] = null;
    size--;
    countByLength[route.length()]--;
    // What follows in the run moves up, so that no search ends at the hole too early.
    for (int at = hole + 1 & mask; slots[at] != null; at = at + 1 & mask) {
      Route moved = slots[at];
      slots[at] = null;
      slots[slot(moved.high, moved.low, moved.length())] = moved;
    }
  }

  /** The longest route shorter than {@code length} bits that covers this prefix, or null. */
  Route covering(long high, long low, int length) {
    for (int shorter = length - 1; shorter >= 0; shorter--) {
      if (countByLength[shorter] > 0) {
        Route route =
            get(high & IpPrefix.maskHigh(shorter), low & IpPrefix.maskLow(shorter), shorter);
        if (route != null) {
          return route;
        }
      }
    }
    return null;
  }

  void forEach(Consumer<Route> action) {
    for (Route route : slots) {
      if (route != null) {
        action.accept(route);
      }
    }
  }
}
