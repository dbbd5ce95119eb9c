package org.xdp4j.bpf.map;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.xdp4j.bpf.memory.Rcu;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.memory.Resting;

/** A run that found an element never sees it used for something else. */
final class GracePeriodStress {
  private GracePeriodStress() {}

  private static final int OLD = 1;
  private static final int NEW = 2;
  private static final int ANOTHER = 99;

  /** One element is replaced, and used for another key as soon as that may be. */
  @JCStressTest
  @Outcome(
      id = {"1, 1", "2, 2"},
      expect = Expect.ACCEPTABLE,
      desc = "the element before or after")
  @Outcome(expect = Expect.FORBIDDEN, desc = "what was found is another key's")
  @State
  public static class Replaced {
    private static final VarHandle FOUND;

    static {
      try {
        FOUND = MethodHandles.lookup().findVarHandle(Replaced.class, "found", long.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private final Rcu rcu = new Rcu();
    private final Rcu.Reader reader = rcu.newReader();
    private final Resting resting = new Resting(rcu);
    private final long piece = StressMemory.piece();
    private long found = piece;

    public Replaced() {
      StressMemory.write(piece, Long.BYTES, OLD);
      StressMemory.write(piece + Long.BYTES, Long.BYTES, NEW);
    }

    @Actor
    public void run(II_Result result) {
      reader.lock();
      long at = (long) FOUND.getAcquire(this);
      result.r1 = (int) StressMemory.REGION.segment().get(Region.LONG, at);
      result.r2 = (int) StressMemory.REGION.segment().get(Region.LONG, at);
      reader.unlock();
    }

    @Actor
    public void update() {
      FOUND.setRelease(this, piece + Long.BYTES);
      resting.add(piece);
      long free = resting.take();
      if (free != 0) {
        StressMemory.write(free, Long.BYTES, ANOTHER);
      }
    }
  }
}
