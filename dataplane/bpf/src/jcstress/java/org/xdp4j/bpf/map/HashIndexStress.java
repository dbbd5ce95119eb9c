package org.xdp4j.bpf.map;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** A look-up without a lock while the one bucket there is changes. */
final class HashIndexStress {
  private static final int KEY_SIZE = 24;
  private static final long KEY = 7;
  private static final long OTHER = 9;
  private static final int ELEMENTS = 3;

  private HashIndexStress() {}

  /** Elements 0 and 1 with the keys 7 and 9, in one bucket; element 2 is free. */
  static class Bucket {
    final long base = StressMemory.piece();
    final HashIndex index =
        new HashIndex(StressMemory.REGION.segment(), KEY_SIZE, base, KEY_SIZE, ELEMENTS, 1, true);
    final long wanted = base + ELEMENTS * KEY_SIZE;
    final long another = wanted + KEY_SIZE;

    Bucket() {
      StressMemory.write(wanted, KEY_SIZE, KEY);
      StressMemory.write(another, KEY_SIZE, OTHER);
      insert(0, KEY);
      insert(1, OTHER);
    }

    final void insert(int element, long key) {
      StressMemory.write(index.key(element), KEY_SIZE, key);
      index.lock(0);
      index.insertAndUnlock(0, element);
    }

    final void remove(int element) {
      index.lock(0);
      index.removeAndUnlock(0, element);
    }
  }

  /** The key's element is replaced, and the old one used again for another key. */
  @JCStressTest
  @Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "the old element")
  @Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "the new element")
  @Outcome(expect = Expect.FORBIDDEN, desc = "the key is always there")
  @State
  public static class Replacing extends Bucket {
    @Actor
    public void writer() {
      StressMemory.write(index.key(2), KEY_SIZE, KEY);
      index.lock(0);
      index.replaceAndUnlock(0, 0, 2);
      insert(0, 11);
    }

    @Actor
    public void reader(I_Result found) {
      found.r1 = index.find(wanted);
    }
  }

  /** Another key of the bucket goes, and its element comes back with a third. */
  @JCStressTest
  @Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "its element")
  @Outcome(expect = Expect.FORBIDDEN, desc = "the key never moved")
  @State
  public static class Neighbour extends Bucket {
    @Actor
    public void writer() {
      remove(1);
      insert(1, 13);
      remove(1);
      insert(1, OTHER);
    }

    @Actor
    public void reader(I_Result found) {
      found.r1 = index.find(wanted);
    }
  }

  /** An element is written with the key wanted only in part, before and after: no torn match. */
  @JCStressTest
  @Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "before")
  @Outcome(id = "-1", expect = Expect.ACCEPTABLE, desc = "after")
  @Outcome(expect = Expect.FORBIDDEN, desc = "only element 1 ever had the key")
  @State
  public static class Torn extends Bucket {
    @Actor
    public void writer() {
      remove(1);
      // Word by word this passes through keys that are half the old one and half the new.
      StressMemory.write(index.key(1), KEY_SIZE, 17);
      insert(1, 17);
      StressMemory.write(index.key(2), KEY_SIZE - Long.BYTES, OTHER);
      insert(2, 19);
    }

    @Actor
    public void reader(I_Result found) {
      found.r1 = index.find(another);
    }
  }

  /** Both take the key out: one of them did. */
  @JCStressTest
  @Outcome(
      id = {"1, 0", "0, 1"},
      expect = Expect.ACCEPTABLE,
      desc = "one of them")
  @Outcome(expect = Expect.FORBIDDEN, desc = "neither or both")
  @State
  public static class Removing extends Bucket {
    private int take() {
      index.lock(0);
      int element = index.findLocked(0, wanted);
      if (element < 0) {
        index.unlock(0);
        return 0;
      }
      index.removeAndUnlock(0, element);
      return 1;
    }

    @Actor
    public void one(II_Result taken) {
      taken.r1 = take();
    }

    @Actor
    public void two(II_Result taken) {
      taken.r2 = take();
    }
  }
}
