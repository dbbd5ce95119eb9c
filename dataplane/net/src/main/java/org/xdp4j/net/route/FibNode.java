package org.xdp4j.net.route;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/**
 * What is below one prefix, told apart by its next {@value #STRIDE} bits. Of the {@value #WIDTH}
 * positions, neighbouring ones with the same route share a slot; the vector has a bit where each
 * slot's positions begin, so that a position's slot is found by counting bits (as in Poptrie, Asai
 * and Ohara, SIGCOMM 2015).
 *
 * <p>A slot holds a {@link Route}, null for no route, or another node. Vector and number of slots
 * never change; a slot may be given another node or route by the one writer.
 */
final class FibNode {
  static final int STRIDE = 6;
  static final int WIDTH = 1 << STRIDE;

  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);

  private final long vector;
  private final Object[] slots;

  private FibNode(long vector, Object[] slots) {
    this.vector = vector;
    this.slots = slots;
  }

  /** Reads one element as another thread may be writing it. */
  static Object read(Object[] array, int index) {
    return SLOT.getAcquire(array, index);
  }

  /** Makes an element seen by readers, with all that is below it. */
  static void publish(Object[] array, int index, Object value) {
    SLOT.setRelease(array, index, value);
  }

  private int slot(int position) {
    return Long.bitCount(vector & -1L >>> WIDTH - 1 - position) - 1;
  }

  Object get(int position) {
    return SLOT.getAcquire(slots, slot(position));
  }

  /** How many slots it has. */
  int slotCount() {
    return slots.length;
  }

  /** The first position that has a slot. */
  int firstPosition(int slot) {
    long rest = vector;
    for (int i = 0; i < slot; i++) {
      rest &= rest - 1;
    }
    return Long.numberOfTrailingZeros(rest);
  }

  /** What is in a slot. */
  Object content(int slot) {
    return SLOT.getAcquire(slots, slot);
  }

  /** Replaces a node by another in the slot it has to itself. */
  void replaceChild(int position, FibNode child) {
    SLOT.setRelease(slots, slot(position), child);
  }

  /** Writes every position's content. */
  void expand(Object[] positions) {
    for (int i = 0; i < WIDTH; i++) {
      positions[i] = slots[slot(i)];
    }
  }

  /**
   * A node with what every slot's content becomes; this one when nothing changes; or, when all
   * positions then have the same route, that route.
   */
  Object map(UnaryOperator<Object> change) {
    Object[] fresh = null;
    for (int i = 0; i < slots.length; i++) {
      Object after = change.apply(slots[i]);
      if (after != slots[i]) {
        fresh = fresh == null ? slots.clone() : fresh;
        fresh[i] = after;
      }
    }
    return fresh == null ? this : merge(vector, fresh);
  }

  /** A node of slots of which neighbouring ones may have become the same. */
  private static Object merge(long vector, Object[] slots) {
    long merged = 0;
    int kept = 0;
    long rest = vector;
    for (Object slot : slots) {
      long bit = Long.lowestOneBit(rest);
      rest ^= bit;
      if (kept == 0 || slot != slots[kept - 1]) {
        merged |= bit;
        slots[kept++] = slot;
      }
    }
    if (kept == 1 && !(slots[0] instanceof FibNode)) {
      return slots[0];
    }
    return new FibNode(merged, kept == slots.length ? slots : Arrays.copyOf(slots, kept));
  }

  /** A node of these positions; or, when all have the same route, that route. */
  static Object compress(Object[] positions) {
    long vector = 1;
    for (int i = 1; i < WIDTH; i++) {
      vector |= positions[i] != positions[i - 1] ? 1L << i : 0;
    }
    if (vector == 1 && !(positions[0] instanceof FibNode)) {
      return positions[0];
    }
    Object[] slots = new Object[Long.bitCount(vector)];
    int next = 0;
    for (int i = 0; i < WIDTH; i++) {
      if ((vector >>> i & 1) != 0) {
        slots[next++] = positions[i];
      }
    }
    return new FibNode(vector, slots);
  }

  /** Bytes it takes with compressed references: the object, and its slots. */
  int bytes() {
    return 24 + 16 + (slots.length * 4 + 7 & -8);
  }

  /** Adds up the bytes of the nodes from here down. */
  long bytesBelow() {
    long sum = bytes();
    for (Object slot : slots) {
      sum += slot instanceof FibNode node ? node.bytesBelow() : 0;
    }
    return sum;
  }
}
