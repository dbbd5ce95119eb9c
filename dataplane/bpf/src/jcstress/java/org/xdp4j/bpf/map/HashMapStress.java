package org.xdp4j.bpf.map;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.xdp4j.bpf.memory.Region;

/** A key of a hash that two programs change; every state has a key of its own in the same map. */
final class HashMapStress {
  private static final BpfMap HASH =
      StressMemory.map(MapType.HASH, Long.BYTES, Long.BYTES, StressMemory.PIECES);

  private HashMapStress() {}

  /** The key, and two values to write. */
  static class Key {
    final long key = StressMemory.piece();
    final long five = key + Long.BYTES;
    final long six = five + Long.BYTES;

    Key() {
      StressMemory.write(key, Long.BYTES, key);
      StressMemory.write(five, Long.BYTES, 5);
      StressMemory.write(six, Long.BYTES, 6);
    }

    /** What the key's value is, 0 for none. */
    final int value() {
      long value = HASH.lookup(key, 0);
      return value == 0 ? 0 : (int) StressMemory.REGION.segment().get(Region.LONG, value);
    }

    /** What the key's value was; then it is gone. */
    final int last() {
      int value = value();
      HASH.delete(key);
      return value;
    }
  }

  /** A key that is there, with the value 5. */
  static class Held extends Key {
    Held() {
      HASH.update(key, five, 0, 0);
    }

    final int replace() {
      return (int) HASH.update(key, six, BpfMap.EXIST, 0);
    }
  }

  /** Both would be the first: one is, and its value stays. */
  @JCStressTest
  @Outcome(
      id = {"0, -17, 5", "-17, 0, 6"},
      expect = Expect.ACCEPTABLE,
      desc = "one is told that the key exists")
  @Outcome(expect = Expect.FORBIDDEN, desc = "both or neither came first")
  @State
  public static class First extends Key {
    @Actor
    public void one(III_Result result) {
      result.r1 = (int) HASH.update(key, five, BpfMap.NOEXIST, 0);
    }

    @Actor
    public void two(III_Result result) {
      result.r2 = (int) HASH.update(key, six, BpfMap.NOEXIST, 0);
    }

    @Arbiter
    public void end(III_Result result) {
      result.r3 = last();
    }
  }

  /** A value is replaced while it is read: it is the one before or the one after. */
  @JCStressTest
  @Outcome(id = "0, [56], 6", expect = Expect.ACCEPTABLE, desc = "before or after")
  @Outcome(expect = Expect.FORBIDDEN, desc = "the key was always there")
  @State
  public static class Replaced extends Held {
    @Actor
    public void writer(III_Result result) {
      result.r1 = replace();
    }

    @Actor
    public void reader(III_Result result) {
      result.r2 = value();
    }

    @Arbiter
    public void end(III_Result result) {
      result.r3 = last();
    }
  }

  /** One replaces what the other deletes: what both are told is what became of the key. */
  @JCStressTest
  @Outcome(id = "0, 0, 0", expect = Expect.ACCEPTABLE, desc = "replaced, then deleted")
  @Outcome(id = "-2, 0, 0", expect = Expect.ACCEPTABLE, desc = "deleted, then not there")
  @Outcome(expect = Expect.FORBIDDEN, desc = "no such order")
  @State
  public static class Deleted extends Held {
    @Actor
    public void writer(III_Result result) {
      result.r1 = replace();
    }

    @Actor
    public void deleter(III_Result result) {
      result.r2 = (int) HASH.delete(key);
    }

    @Arbiter
    public void end(III_Result result) {
      result.r3 = last();
    }
  }
}
