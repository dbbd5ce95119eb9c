package org.xdp4j.engine.forward;

import java.util.List;
import org.xdp4j.bpf.memory.OutOfRegionException;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.LimitPlan;

/** Makes the workers of a plan, or says what they have no room in. */
final class WorkerMaking {
  private WorkerMaking() {}

  /** Of an error that says that the JVM has less than is needed. */
  static ForwarderException tooSmall(VirtualMachineError e) {
    String reason =
        switch (e) {
          case OutOfMemoryError _ -> "the JVM has not the memory for it: " + e.getMessage();
          case StackOverflowError _ -> "the JVM's stack is too small for it (-Xss)";
          default -> "the JVM cannot do it: " + e;
        };
    return new ForwarderException(reason, e);
  }

  /**
   * Workers that a plan has beyond those there are, with their frames: later there may be no room
   * for them. They are part of nothing yet.
   *
   * @param there how many there are
   * @param fresh gets those that were made, also when this fails
   */
  static void make(Shared shared, int there, ForwarderPlan plan, List<ForwardWorker> fresh)
      throws ForwarderException {
    LimitPlan limits = plan.limits();
    int count = plan.workers().count();
    shared.rings().growTo(count, limits.ring());
    try {
      for (int i = there; i < count; i++) {
        fresh.add(new ForwardWorker(i, shared, limits.frames()));
      }
    } catch (OutOfRegionException e) {
      throw ForwarderException.ofKey(
          "limits.memory",
          "%d bytes have no room for %d workers".formatted(limits.regionBytes(), count),
          e);
    }
    for (ForwardWorker worker : fresh) {
      if (!worker.pool.canHold(FramePool.SMALL)) {
        throw ForwarderException.ofKey(
            "limits.memory",
            "%d bytes have no room for the frames of worker %d of %d: each takes %d"
                .formatted(
                    limits.regionBytes(),
                    worker.number + 1,
                    count,
                    (long) limits.frames() * FramePool.spacing()),
            null);
      }
    }
  }

  /** Rings are between any two workers: what they take grows with the square of their number. */
  static void requireHeap(int workers, int ring) throws ForwarderException {
    long bytes = Rings.bytes(workers, ring);
    long heap = Runtime.getRuntime().maxMemory();
    if (bytes > heap / 2) {
      throw ForwarderException.ofKey(
          "workers.count",
          ("rings of %d frames between any two of %d workers take %d MiB of Java heap, more than"
                  + " half of the %d MiB there are: fewer workers, smaller rings (limits.ring) or a"
                  + " larger heap (-Xmx) would do")
              .formatted(ring, workers, bytes >> 20, heap >> 20),
          null);
    }
  }
}
