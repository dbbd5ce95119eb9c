package org.xdp4j.bpf.map;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * An active, an inactive and a free list of elements, and how elements move between them (kernel:
 * struct bpf_lru_list, kernel/bpf/bpf_lru_list.c). New elements begin inactive; one looked up since
 * it was last passed by becomes, or stays, active; what was not, leaves from the inactive list's
 * end. Each step looks at {@code scans} elements at most.
 *
 * <p>Everything is done with the lock held.
 */
final class LruQueue {
  private final LruNodes nodes;
  private final int scans;
  private final int active;
  private final int inactive;
  private final int free;
  private final AtomicInteger lock = new AtomicInteger();
  private int activeCount;
  private int inactiveCount;

  /** Where the next rotation of the inactive list begins. */
  private int rotation;

  /** How many lists one of these has. */
  static final int LISTS = 3;

  LruQueue(LruNodes nodes, int scans) {
    this.nodes = nodes;
    this.scans = scans;
    active = nodes.newList();
    inactive = nodes.newList();
    free = nodes.newList();
    rotation = inactive;
  }

  void lock() {
    lock(lock);
  }

  void unlock() {
    lock.setRelease(0);
  }

  static void lock(AtomicInteger lock) {
    for (int spins = 0; lock.getPlain() != 0 || !lock.compareAndSet(0, 1); spins++) {
      HashIndex.pause(spins);
    }
  }

  /** The head of the free list. */
  int free() {
    return free;
  }

  /** Adds an element that no list has yet, free. */
  void populate(int element) {
    nodes.type[element] = LruNodes.FREE;
    nodes.add(element, free);
  }

  private int head(byte type) {
    return switch (type) {
      case LruNodes.ACTIVE -> active;
      case LruNodes.INACTIVE -> inactive;
      default -> free;
    };
  }

  private void count(byte type, int change) {
    if (type == LruNodes.ACTIVE) {
      activeCount += change;
    } else if (type == LruNodes.INACTIVE) {
      inactiveCount += change;
    }
  }

  /** Takes an element in that another list had. */
  void moveIn(int element, byte type) {
    count(type, 1);
    nodes.type[element] = type;
    nodes.forgetUse(element);
    nodes.move(element, head(type));
  }

  /** Moves an element of this queue to the front of one of its lists. */
  void move(int element, byte type) {
    count(nodes.type[element], -1);
    count(type, 1);
    nodes.type[element] = type;
    nodes.forgetUse(element);
    passOver(element);
    nodes.move(element, head(type));
  }

  /** Moves an element of this queue to a list of free ones, its own or another's. */
  void moveOut(int element, int head, byte type) {
    passOver(element);
    count(nodes.type[element], -1);
    nodes.type[element] = type;
    nodes.move(element, head);
  }

  private void passOver(int element) {
    if (element == rotation) {
      rotation = nodes.previous(rotation);
    }
  }

  /** Lets what was looked up become or stay active, and what was not become inactive. */
  void rotate() {
    if (inactiveCount < activeCount) {
      rotateActive();
    }
    rotateInactive();
  }

  private void rotateActive() {
    int first = nodes.next(active);
    int node = nodes.previous(active);
    for (int i = 0; i < scans && node != active; i++) {
      int before = nodes.previous(node);
      move(node, nodes.isUsed(node) ? LruNodes.ACTIVE : LruNodes.INACTIVE);
      if (node == first) {
        return;
      }
      node = before;
    }
  }

  private void rotateInactive() {
    if (nodes.isEmpty(inactive)) {
      return;
    }
    int last = nodes.next(rotation);
    last = last == inactive ? nodes.next(last) : last;
    int node = rotation == inactive ? nodes.previous(rotation) : rotation;
    int before = node;
    for (int i = 0; i < scans; i++) {
      before = nodes.previous(node);
      if (nodes.isUsed(node)) {
        move(node, LruNodes.ACTIVE);
      }
      if (node == last) {
        break;
      }
      node = before == inactive ? nodes.previous(before) : before;
    }
    rotation = before;
  }

  /**
   * Makes up to {@code wanted} elements leave the table for a list of free ones: those longest not
   * looked up; else, ignoring that, one.
   */
  void shrink(int wanted, int head, byte type) {
    if (shrinkInactive(wanted, head, type) > 0) {
      return;
    }
    int from = nodes.isEmpty(inactive) ? active : inactive;
    for (int node = nodes.previous(from); node != from; node = nodes.previous(node)) {
      if (nodes.leaveTable(node)) {
        moveOut(node, head, type);
        return;
      }
    }
  }

  private int shrinkInactive(int wanted, int head, byte type) {
    int left = 0;
    int node = nodes.previous(inactive);
    for (int i = 0; i < scans && node != inactive && left < wanted; i++) {
      int before = nodes.previous(node);
      if (nodes.isUsed(node)) {
        move(node, LruNodes.ACTIVE);
      } else if (nodes.leaveTable(node)) {
        moveOut(node, head, type);
        left++;
      }
      node = before;
    }
    return left;
  }
}
