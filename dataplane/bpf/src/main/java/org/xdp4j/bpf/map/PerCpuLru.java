package org.xdp4j.bpf.map;

/** Lists for each CPU, which shares its elements with no other ({@code BPF_F_NO_COMMON_LRU}). */
final class PerCpuLru implements LruLists {
  /** Elements that leave at once (kernel: PERCPU_FREE_TARGET), and that a step looks at. */
  private static final int TARGET = 4;

  private final LruNodes nodes;
  private final LruQueue[] queues;

  /**
   * @param elements a multiple of {@code cpus}
   */
  PerCpuLru(LruNodes nodes, int elements, int cpus) {
    this.nodes = nodes;
    queues = new LruQueue[cpus];
    int each = elements / cpus;
    for (int cpu = 0; cpu < cpus; cpu++) {
      queues[cpu] = new LruQueue(nodes, TARGET);
      for (int element = cpu * each; element < (cpu + 1) * each; element++) {
        nodes.cpu[element] = (short) cpu;
        queues[cpu].populate(element);
      }
    }
  }

  @Override
  public int take(int cpu, int bucket) {
    LruQueue queue = queues[cpu];
    queue.lock();
    try {
      queue.rotate();
      if (nodes.isEmpty(queue.free())) {
        queue.shrink(TARGET, queue.free(), LruNodes.FREE);
      }
      if (nodes.isEmpty(queue.free())) {
        return HashIndex.NONE;
      }
      int element = nodes.next(queue.free());
      nodes.setHome(element, bucket);
      queue.move(element, LruNodes.INACTIVE);
      return element;
    } finally {
      queue.unlock();
    }
  }

  @Override
  public void give(int element) {
    LruQueue queue = queues[nodes.cpu[element]];
    queue.lock();
    queue.move(element, LruNodes.FREE);
    queue.unlock();
  }
}
