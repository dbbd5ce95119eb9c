package org.xdp4j.bpf.map;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.xdp4j.bpf.memory.Region;

/** A queue that two programs work on. */
final class QueueStress {
  private QueueStress() {}

  private static final QueueMap QUEUE = (QueueMap) StressMemory.map(MapType.QUEUE, 0, 8, 4);

  /** One pushes and one pops: all that is pushed is popped or still there. */
  @JCStressTest
  @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "pushed, and popped or not yet")
  @Outcome(id = "-2, 0", expect = Expect.ACCEPTABLE, desc = "popped before it was pushed")
  @Outcome(expect = Expect.FORBIDDEN, desc = "what is popped was pushed")
  @State
  public static class Pushing {
    private final long piece = StressMemory.piece();

    @Actor
    public void pusher(II_Result result) {
      StressMemory.write(piece, Long.BYTES, 5);
      result.r2 = (int) QUEUE.push(piece, BpfMap.EXIST);
    }

    @Actor
    public void popper(II_Result result) {
      result.r1 = (int) QUEUE.pop(piece + Long.BYTES);
    }

    @Arbiter
    public void check(II_Result result) {
      long popped = StressMemory.REGION.segment().get(Region.LONG, piece + Long.BYTES);
      if (result.r1 == 0 && popped != 5) {
        result.r2 = (int) popped;
      }
    }
  }
}
