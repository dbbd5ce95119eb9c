package org.xdp4j.bpf.map;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Free elements are given to one taker each. */
final class FreeElementsStress {
  private FreeElementsStress() {}

  /** Two elements and two takers, one of which first gives one back: the ABA of a stack. */
  @JCStressTest
  @Outcome(
      id = {"0, 1", "1, 0"},
      expect = Expect.ACCEPTABLE,
      desc = "one each")
  @Outcome(expect = Expect.FORBIDDEN, desc = "none is lost or given twice")
  @State
  public static class Stack {
    private final FreeList free = new FreeList(0, 2, 2, new int[2]);

    @Actor
    public void one(II_Result taken) {
      int first = free.take(0);
      free.give(first, 0);
      taken.r1 = free.take(0);
    }

    @Actor
    public void two(II_Result taken) {
      taken.r2 = free.take(0);
    }
  }

  /** An LRU of two elements, free both, and two CPUs that take one each. */
  @JCStressTest
  @Outcome(
      id = {"0, 1", "1, 0"},
      expect = Expect.ACCEPTABLE,
      desc = "one each")
  @Outcome(expect = Expect.FORBIDDEN, desc = "none is lost or given twice")
  @State
  public static class CommonLists extends Table {
    private final LruLists lists = new CommonLru(nodes(LruQueue.LISTS + 4), 2, 2);

    @Actor
    public void one(II_Result taken) {
      taken.r1 = lists.take(0, 0);
    }

    @Actor
    public void two(II_Result taken) {
      taken.r2 = lists.take(1, 0);
    }
  }

  /** An LRU of two elements in the table: each of two CPUs makes one of them leave. */
  @JCStressTest
  @Outcome(
      id = {"0, 1", "1, 0"},
      expect = Expect.ACCEPTABLE,
      desc = "one each")
  @Outcome(expect = Expect.FORBIDDEN, desc = "none is lost or given twice")
  @State
  public static class Leaving extends Table {
    private final LruNodes nodes = nodes(LruQueue.LISTS + 4);
    private final LruLists lists = new CommonLru(nodes, 2, 2);

    public Leaving() {
      for (int cpu = 0; cpu < 2; cpu++) {
        int element = lists.take(cpu, 0);
        StressMemory.write(index.key(element), Long.BYTES, element);
        index.lock(0);
        index.insertAndUnlock(0, element);
      }
    }

    @Actor
    public void one(II_Result taken) {
      taken.r1 = lists.take(0, 0);
    }

    @Actor
    public void two(II_Result taken) {
      nodes.touch(1);
      taken.r2 = lists.take(1, 0);
    }
  }

  /** One bucket for two elements. */
  static class Table {
    final HashIndex index =
        new HashIndex(
            StressMemory.REGION.segment(),
            Long.BYTES,
            StressMemory.piece(),
            Long.BYTES,
            2,
            1,
            true);

    final LruNodes nodes(int lists) {
      return new LruNodes(index, 2, lists);
    }
  }
}
