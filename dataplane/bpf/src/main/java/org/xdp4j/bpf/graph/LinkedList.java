package org.xdp4j.bpf.graph;

import java.lang.foreign.MemorySegment;

/**
 * Lists, linked both ways and closed to a ring by their head ({@code struct bpf_list_head}, {@code
 * struct bpf_list_node}). A head of zeros is an empty list, too.
 *
 * <pre>
 *  head, 16 bytes:  | next | previous |
 *  node, 24 bytes:  | next | previous | owner |
 * </pre>
 */
public final class LinkedList {
  private static final int NEXT = 0;
  private static final int PREVIOUS = 8;
  private static final int OWNER = 16;

  private LinkedList() {}

  /**
   * Adds {@code node} before the first or behind the last one.
   *
   * @return false when it is in a list already
   */
  public static boolean push(MemorySegment memory, long head, long node, boolean front) {
    if (!Nodes.claim(memory, node + OWNER)) {
      return false;
    }
    if (Nodes.get(memory, head + NEXT) == 0) {
      Nodes.set(memory, head + NEXT, head);
      Nodes.set(memory, head + PREVIOUS, head);
    }
    long before = front ? head : Nodes.get(memory, head + PREVIOUS);
    long behind = front ? Nodes.get(memory, head + NEXT) : head;
    Nodes.set(memory, node + NEXT, behind);
    Nodes.set(memory, node + PREVIOUS, before);
    Nodes.set(memory, before + NEXT, node);
    Nodes.set(memory, behind + PREVIOUS, node);
    Nodes.setOwner(memory, node + OWNER, head);
    return true;
  }

  /** The first or the last node; 0 when there is none. */
  public static long peek(MemorySegment memory, long head, boolean front) {
    long node = Nodes.get(memory, head + (front ? NEXT : PREVIOUS));
    // A head that was never used is all zeros.
    return node == head ? 0 : node;
  }

  /** Takes the first or the last node out; 0 when there is none. */
  public static long pop(MemorySegment memory, long head, boolean front) {
    long node = peek(memory, head, front);
    if (node == 0) {
      return 0;
    }
    long before = Nodes.get(memory, node + PREVIOUS);
    long behind = Nodes.get(memory, node + NEXT);
    Nodes.set(memory, before + NEXT, behind);
    Nodes.set(memory, behind + PREVIOUS, before);
    Nodes.set(memory, node + NEXT, node);
    Nodes.set(memory, node + PREVIOUS, node);
    Nodes.setOwner(memory, node + OWNER, 0);
    return node;
  }
}
