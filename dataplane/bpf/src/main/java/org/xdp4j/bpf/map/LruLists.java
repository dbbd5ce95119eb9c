package org.xdp4j.bpf.map;

/**
 * Which key of a full LRU hash has to go, decided as Linux decides it (kernel/bpf/bpf_lru_list.c):
 * on one CPU the same operations make the same keys leave, and leave at the same time.
 *
 * <p>What that means for a program: a full map makes several keys leave at once, so it seldom holds
 * exactly {@code max_entries}; an update of a key that is there takes an element too, and so may
 * make another key leave. Where several CPUs update at once, the order depends on who came first,
 * in Linux as here.
 *
 * <p>Any thread. Nothing here is called with a bucket's lock held.
 */
interface LruLists {
  /**
   * An element for a key that goes into {@code bucket}, in no bucket now; other keys have left the
   * table for it when need be. -1 when all are on their way into the table.
   */
  int take(int cpu, int bucket);

  /** Takes back an element that is in no bucket. */
  void give(int element);

  /** The lists over all elements of a table, that {@code BPF_F_NO_COMMON_LRU} asks for or not. */
  static LruLists of(MapSpec spec, LruNodes nodes, int cpus) {
    boolean own = (spec.flags() & MapSpec.F_NO_COMMON_LRU) != 0;
    return own
        ? new PerCpuLru(nodes, spec.maxEntries(), cpus)
        : new CommonLru(nodes, spec.maxEntries(), cpus);
  }

  /** How many lists the nodes are for. */
  static int lists(MapSpec spec, int cpus) {
    boolean own = (spec.flags() & MapSpec.F_NO_COMMON_LRU) != 0;
    return own ? LruQueue.LISTS * cpus : LruQueue.LISTS + CommonLru.LOCAL_LISTS * cpus;
  }
}
