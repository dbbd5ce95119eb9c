package org.xdp4j.bpf.map;

/**
 * The elements of an LRU hash as nodes of doubly linked lists (kernel: struct bpf_lru_node), each
 * in one list at a time. A list is a ring through a head of its own, numbered behind the elements.
 *
 * <p>Links, {@link #type} and {@link #cpu} belong to whoever holds the lock of the node's list;
 * {@link #touch} is for any thread and costs a byte read, and one written when it was 0.
 */
final class LruNodes {
  // Which list a node is in.
  static final byte ACTIVE = 0;
  static final byte INACTIVE = 1;
  static final byte FREE = 2;
  static final byte LOCAL_FREE = 3;
  static final byte LOCAL_PENDING = 4;

  /** Bytes of Java heap a node takes. */
  static final int HEAP_PER_NODE = 3 * Integer.BYTES + Short.BYTES + 2;

  final byte[] type;
  final short[] cpu;
  private final HashIndex index;

  /** See {@link #touch}. */
  final byte[] used;

  private final int[] home;
  private final int[] next;
  private final int[] previous;
  private int heads;

  LruNodes(HashIndex index, int elements, int lists) {
    this.index = index;
    type = new byte[elements];
    cpu = new short[elements];
    used = new byte[elements];
    home = new int[elements];
    next = new int[elements + lists];
    previous = new int[elements + lists];
  }

  /** The head of a new empty list. */
  int newList() {
    int head = type.length + heads++;
    next[head] = head;
    previous[head] = head;
    return head;
  }

  /** Says that an element was looked up. */
  void touch(int element) {
    touch(used, element);
  }

  static void touch(byte[] used, int element) {
    if (used[element] == 0) {
      used[element] = 1;
    }
  }

  boolean isUsed(int element) {
    return used[element] != 0;
  }

  void forgetUse(int element) {
    used[element] = 0;
  }

  /** The bucket an element goes into, once it does. */
  void setHome(int element, int bucket) {
    home[element] = bucket;
  }

  boolean isEmpty(int head) {
    return next[head] == head;
  }

  int next(int node) {
    return next[node];
  }

  int previous(int node) {
    return previous[node];
  }

  /** Puts a node, in no list now, first. */
  void add(int node, int head) {
    int second = next[head];
    next[node] = second;
    previous[node] = head;
    previous[second] = node;
    next[head] = node;
  }

  void remove(int node) {
    next[previous[node]] = next[node];
    previous[next[node]] = previous[node];
  }

  /** Takes a node out of its list and puts it first in another. */
  void move(int node, int head) {
    remove(node);
    add(node, head);
  }

  /** Takes an element out of the table; false when it is not there, or not yet. */
  boolean leaveTable(int element) {
    int bucket = home[element];
    index.lock(bucket);
    if (!index.holds(bucket, element)) {
      index.unlock(bucket);
      return false;
    }
    index.removeAndUnlock(bucket, element);
    return true;
  }
}
