package org.xdp4j.bpf.map;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Elements not in use: a stack for each CPU, so that workers seldom meet, and a mark below which
 * all have been used once. Elements freed last are taken first, as in the kernel's pcpu_freelist.
 *
 * <pre>
 *  a stack's head:  | times changed : 32 | element + 1 : 32 |      0 below = empty
 * </pre>
 *
 * The count of changes makes a head differ even when the same element is back on top. Any thread.
 */
final class FreeList {
  private static final VarHandle HEADS = MethodHandles.arrayElementVarHandle(long[].class);

  /** Longs from one head to the next: two cache lines. */
  private static final int STEP = 16;

  private static final long CHANGE = 1L << 32;
  private static final int NONE = -1;

  private final long[] heads;
  private final int[] below;
  private final int stacks;
  private final int end;
  private final AtomicInteger fresh;

  /**
   * Elements {@code first} to {@code end - 1} are free.
   *
   * @param below one int an element, shared with other lists over the same elements: an element is
   *     in one list at most
   */
  FreeList(int first, int end, int stacks, int[] below) {
    this.stacks = stacks;
    this.end = end;
    this.below = below;
    this.heads = new long[(stacks + 1) * STEP];
    this.fresh = new AtomicInteger(first);
  }

  /** Takes an element, of {@code cpu}'s stack when it has one; -1 when none is free. */
  int take(int cpu) {
    int own = cpu % stacks;
    int element = pop(own);
    if (element != NONE) {
      return element;
    }
    if (fresh.getPlain() < end) {
      element = fresh.getAndIncrement();
      if (element < end) {
        return element;
      }
      fresh.setPlain(end);
    }
    for (int i = 1; i < stacks; i++) {
      element = pop((own + i) % stacks);
      if (element != NONE) {
        return element;
      }
    }
    return NONE;
  }

  /** Gives an element back to {@code cpu}'s stack. */
  void give(int element, int cpu) {
    int at = (cpu % stacks + 1) * STEP;
    long head;
    do {
      head = (long) HEADS.getAcquire(heads, at);
      below[element] = (int) head;
    } while (!HEADS.compareAndSet(heads, at, head, changed(head, element + 1)));
  }

  private int pop(int stack) {
    int at = (stack + 1) * STEP;
    long head;
    int top;
    do {
      head = (long) HEADS.getAcquire(heads, at);
      top = (int) head;
      if (top == 0) {
        return NONE;
      }
    } while (!HEADS.compareAndSet(heads, at, head, changed(head, below[top - 1])));
    return top - 1;
  }

  private static long changed(long head, int top) {
    return (head + CHANGE) & -CHANGE | top;
  }
}
