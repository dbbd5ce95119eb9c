package org.xdp4j.bpf.map;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lists that all CPUs share, each CPU taking free elements from them many at a time, and bringing
 * back what it put into the table since, when it has no free ones left.
 *
 * <pre>
 *            CPU's free  --take--&gt;  CPU's pending  --when no more are free--&gt;  active, inactive
 *                '------------------ oldest of inactive, up to target ----------------'
 * </pre>
 */
final class CommonLru implements LruLists {
  /** Elements that leave at once at most (kernel: LOCAL_FREE_TARGET), and that a step looks at. */
  private static final int TARGET_MAX = 128;

  /** How many lists a CPU has of its own. */
  static final int LOCAL_LISTS = 2;

  /** What a CPU has of its own (kernel: struct bpf_lru_locallist). */
  private static final class Local {
    final AtomicInteger lock = new AtomicInteger();
    final int free;
    final int pending;
    int nextSteal;

    Local(LruNodes nodes, int cpu) {
      free = nodes.newList();
      pending = nodes.newList();
      nextSteal = cpu;
    }

    void lock() {
      LruQueue.lock(lock);
    }

    void unlock() {
      lock.setRelease(0);
    }
  }

  private final LruNodes nodes;
  private final LruQueue queue;
  private final Local[] locals;
  private final int target;

  CommonLru(LruNodes nodes, int elements, int cpus) {
    this.nodes = nodes;
    queue = new LruQueue(nodes, TARGET_MAX);
    locals = new Local[cpus];
    for (int cpu = 0; cpu < cpus; cpu++) {
      locals[cpu] = new Local(nodes, cpu);
    }
    for (int element = 0; element < elements; element++) {
      queue.populate(element);
    }
    target = Math.clamp(elements / cpus / 2, 1, TARGET_MAX);
  }

  @Override
  public int take(int cpu, int bucket) {
    Local local = locals[cpu];
    local.lock();
    int element = popFree(local);
    if (element < 0) {
      refill(local);
      element = popFree(local);
    }
    if (element >= 0) {
      addPending(local, element, cpu, bucket);
    }
    local.unlock();
    return element >= 0 ? element : steal(local, cpu, bucket);
  }

  private int popFree(Local local) {
    if (nodes.isEmpty(local.free)) {
      return HashIndex.NONE;
    }
    int element = nodes.next(local.free);
    nodes.remove(element);
    return element;
  }

  private void addPending(Local local, int element, int cpu, int bucket) {
    nodes.setHome(element, bucket);
    nodes.cpu[element] = (short) cpu;
    nodes.type[element] = LruNodes.LOCAL_PENDING;
    nodes.forgetUse(element);
    nodes.add(element, local.pending);
  }

  private void refill(Local local) {
    queue.lock();
    flush(local);
    queue.rotate();
    int got = 0;
    while (got < target && !nodes.isEmpty(queue.free())) {
      queue.moveOut(nodes.next(queue.free()), local.free, LruNodes.LOCAL_FREE);
      got++;
    }
    if (got < target) {
      queue.shrink(target - got, local.free, LruNodes.LOCAL_FREE);
    }
    queue.unlock();
  }

  /** Brings what this CPU put into the table, the oldest first, to the lists of all. */
  private void flush(Local local) {
    while (!nodes.isEmpty(local.pending)) {
      int oldest = nodes.previous(local.pending);
      queue.moveIn(oldest, nodes.isUsed(oldest) ? LruNodes.ACTIVE : LruNodes.INACTIVE);
    }
  }

  /** Every element is some CPU's: takes one of those, free, or out of the table. */
  private int steal(Local local, int cpu, int bucket) {
    int first = local.nextSteal;
    int victim = first;
    int element;
    do {
      Local from = locals[victim];
      from.lock();
      element = popFree(from);
      if (element < 0) {
        element = popPending(from, false);
      }
      if (element < 0) {
        element = popPending(from, true);
      }
      from.unlock();
      victim = victim + 1 == locals.length ? 0 : victim + 1;
    } while (element < 0 && victim != first);
    local.nextSteal = victim;
    if (element >= 0) {
      local.lock();
      addPending(local, element, cpu, bucket);
      local.unlock();
    }
    return element;
  }

  private int popPending(Local local, boolean evenUsed) {
    int node = nodes.previous(local.pending);
    while (node != local.pending) {
      if ((evenUsed || !nodes.isUsed(node)) && nodes.leaveTable(node)) {
        nodes.remove(node);
        return node;
      }
      node = nodes.previous(node);
    }
    return HashIndex.NONE;
  }

  @Override
  public void give(int element) {
    if (nodes.type[element] == LruNodes.LOCAL_PENDING) {
      Local local = locals[nodes.cpu[element]];
      local.lock();
      boolean pending = nodes.type[element] == LruNodes.LOCAL_PENDING;
      if (pending) {
        nodes.type[element] = LruNodes.LOCAL_FREE;
        nodes.forgetUse(element);
        nodes.move(element, local.free);
      }
      local.unlock();
      if (pending) {
        return;
      }
    }
    queue.lock();
    queue.move(element, LruNodes.FREE);
    queue.unlock();
  }
}
