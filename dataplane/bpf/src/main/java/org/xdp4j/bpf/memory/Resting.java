package org.xdp4j.bpf.memory;

/**
 * What was freed, in order, until no run that is under way can point at it any more ({@link Rcu}).
 * One thread at a time.
 */
public final class Resting {
  private static final int CELLS = 2;

  private final Rcu rcu;

  /** A ring of addresses and tokens. */
  private long[] ring = new long[16 * CELLS];

  private int first;
  private int count;

  public Resting(Rcu rcu) {
    this.rcu = rcu;
  }

  /** Adds what no pointer in memory leads to any more. */
  public void add(long address) {
    if (count * CELLS == ring.length) {
      widen();
    }
    int at = at(count++);
    ring[at] = address;
    ring[at + 1] = rcu.start();
  }

  private void widen() {
    long[] wider = new long[2 * ring.length];
    for (int i = 0; i < count; i++) {
      System.arraycopy(ring, at(i), wider, i * CELLS, CELLS);
    }
    ring = wider;
    first = 0;
  }

  private int at(int i) {
    return (first + i) * CELLS & ring.length - 1;
  }

  /** The grace period of what was freed first ({@link Rcu#start}); 0 when nothing is here. */
  public long firstToken() {
    return count == 0 ? 0 : ring[at(0) + 1];
  }

  /** The address that was freed first, if its grace period is over; else 0. */
  public long take() {
    int at = at(0);
    if (count == 0 || !rcu.isOver(ring[at + 1])) {
      return 0;
    }
    first++;
    count--;
    return ring[at];
  }
}
