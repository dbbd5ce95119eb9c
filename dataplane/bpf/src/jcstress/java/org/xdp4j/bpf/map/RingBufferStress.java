package org.xdp4j.bpf.map;

import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.xdp4j.bpf.memory.Region;

/** Programs write records into a ring of one page, so that it wraps and fills up. */
final class RingBufferStress {
  private static final int RECORD = 56;
  private static final RingBufferMap RING =
      (RingBufferMap) StressMemory.map(MapType.RINGBUF, 0, 0, 4096);

  /** How often the end of a state looks for its record before it is taken for lost. */
  private static final int TRIES = 1 << 20;

  /** Records that were read, whosever they were. */
  private static final AtomicLong READ = new AtomicLong();

  private RingBufferStress() {}

  /** 0 when a record found room and was given to the reader, 1 when it found none. */
  private static int write(long number) {
    long record = RING.reserve(RECORD, 0);
    if (record == 0) {
      return 1;
    }
    StressMemory.write(record, RECORD, number);
    RING.commit(record, false);
    return 0;
  }

  /** Whether a record has its size, and the same number from its first word to its last. */
  private static boolean whole(long record, int size) {
    long number = StressMemory.REGION.segment().get(Region.LONG, record);
    for (int i = 0; i < size; i += Long.BYTES) {
      if (StressMemory.REGION.segment().get(Region.LONG, record + i) != number) {
        return false;
      }
    }
    return size == RECORD;
  }

  /** How many of the records that are there are not whole. */
  private static int torn() {
    int[] torn = new int[1];
    RING.poll(
        (memory, record, size) -> {
          torn[0] += whole(record, size) ? 0 : 1;
          READ.incrementAndGet();
        });
    return torn[0];
  }

  /**
   * How many records that are there are not whole; -1 when one more finds no room though all are
   * read, or is not read itself. Without that, a ring that took nothing would pass.
   */
  private static int last(long number) {
    int torn = torn();
    long before = READ.get();
    boolean written = false;
    for (int i = 0; i < TRIES; i++) {
      written = written || write(number) == 0;
      torn += torn();
      if (written && READ.get() > before) {
        return torn;
      }
      Thread.onSpinWait();
    }
    return -1;
  }

  /** No record is seen that was not written to its end. */
  @JCStressTest
  @Outcome(id = "[01], 0, 0", expect = Expect.ACCEPTABLE, desc = "all records are whole")
  @Outcome(expect = Expect.FORBIDDEN, desc = "a record is lost, torn or of another size")
  @State
  public static class Reading {
    private final long number = StressMemory.piece();

    @Actor
    public void writer(III_Result result) {
      result.r1 = write(number) & write(number + 1);
    }

    @Actor
    public void reader(III_Result result) {
      result.r2 = torn();
    }

    @Arbiter
    public void end(III_Result result) {
      result.r3 = last(number + 2);
    }
  }

  /** No two records share a place. */
  @JCStressTest
  @Outcome(id = "[01], [01], 0", expect = Expect.ACCEPTABLE, desc = "all records are whole")
  @Outcome(expect = Expect.FORBIDDEN, desc = "a record is lost, torn or of another size")
  @State
  public static class Writing {
    private final long number = StressMemory.piece();

    @Actor
    public void one(III_Result result) {
      result.r1 = write(number);
    }

    @Actor
    public void two(III_Result result) {
      result.r2 = write(number + 1);
    }

    @Arbiter
    public void end(III_Result result) {
      result.r3 = last(number + 2);
    }
  }
}
