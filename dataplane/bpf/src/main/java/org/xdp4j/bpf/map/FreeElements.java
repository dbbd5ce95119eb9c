package org.xdp4j.bpf.map;

/**
 * The elements of a hash map that are in no bucket: the free ones, and spares for updates of keys
 * that are there.
 */
final class FreeElements {
  /** Replacements that may be under way at once before one has to wait for another to end. */
  private static final int SPARES_BEYOND_CPUS = 2;

  private final FreeList free;
  private final FreeList spares;

  FreeElements(int entries, int elements, int cpus) {
    int[] below = new int[elements];
    free = new FreeList(0, entries, cpus, below);
    spares = new FreeList(entries, elements, cpus, below);
  }

  /** How many spares a map for this many CPUs has. */
  static int spares(int cpus) {
    return cpus + SPARES_BEYOND_CPUS;
  }

  /** An element for a new key; -1 when the map is full. */
  int take(int cpu) {
    return free.take(cpu);
  }

  void give(int element, int cpu) {
    free.give(element, cpu);
  }

  /** A spare element; -1 when as many replacements as there are spares are under way. */
  int takeSpare(int cpu) {
    return spares.take(cpu);
  }

  void giveSpare(int element, int cpu) {
    spares.give(element, cpu);
  }
}
