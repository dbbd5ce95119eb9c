package org.xdp4j.engine.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.account.Books;
import org.xdp4j.engine.account.Counter;
import org.xdp4j.engine.account.Counters;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.port.Generator;

class SteadyStateTest {
  private static final int WARM = 2_000;
  private static final int ROUNDS = 10_000;

  private static final BatchProgram PASS =
      (batch, context) -> {
        batch.done = 0;
        for (int i = 0; i < batch.size; i++) {
          batch.enter(i, context);
          batch.leave(i, context, 2);
        }
      };

  /** Had once: to find it allocates some hundred bytes, and thousands where caches were emptied. */
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static long allocated() {
    return THREADS.getCurrentThreadAllocatedBytes();
  }

  @Test
  void nothingIsAllocatedForAFrame() {
    try (Region region = Region.reserve(64 << 20)) {
      Counters counters = new Counters();
      FramePool pool = new FramePool(region, DirectPipeline.poolSize());
      long frames = (long) (WARM + ROUNDS) * Worker.BATCH;
      Generator generator = new Generator(region, counters, frames, 60, 1000);
      Egress egress = new Egress((frame, ifindex) -> {}, null, counters);
      DirectPipeline pipeline =
          new DirectPipeline(generator, PASS, new XdpContext(region, 0), counters, egress, pool);
      for (int i = 0; i < WARM; i++) {
        pipeline.doWork();
      }
      long before = allocated();
      for (int i = 0; i < ROUNDS; i++) {
        pipeline.doWork();
      }
      assertThat(allocated() - before).isLessThan(1024);
      pipeline.run();
      pool.close();
      Books books = Books.of(List.of(counters), 0);
      books.requireBalance();
      assertThat(books.get(Counter.GENERATED)).isEqualTo(frames);
      assertThat(books.get(Counter.DELIVERED)).isEqualTo(frames);
    }
  }

  @Test
  void nothingIsAllocatedForAFrameOnAWorker() {
    try (Region region = Region.reserve(64 << 20)) {
      Counters counters = new Counters();
      FramePool pool = new FramePool(region, Worker.BATCH);
      Generator generator = new Generator(region, counters, Long.MAX_VALUE, 60, 1000);
      Worker worker =
          new Worker(PASS, new XdpContext(region, 0), counters, pool.capacity(), () -> {});
      Frame[] frames = new Frame[Worker.BATCH];
      long before = 0;
      for (int i = 0; i < WARM + ROUNDS; i++) {
        if (i == WARM) {
          before = allocated();
        }
        int count = generator.receive(pool, frames, frames.length);
        for (int k = 0; k < count; k++) {
          worker.accept(frames[k]);
          frames[k] = null;
        }
        worker.doWork();
        for (int k = 0; k < count; k++) {
          pool.release(worker.poll());
        }
      }
      assertThat(allocated() - before).isLessThan(1024);
      pool.close();
    }
  }

  @Test
  void threadsAreBoundWhereTheSystemAllowsIt() throws InterruptedException {
    Affinity affinity = Affinity.ofSystem().orElse(null);
    Assumptions.assumeTrue(affinity != null, "threads cannot be bound here");
    int cpu = affinity.allowed()[0];
    boolean[] bound = new boolean[1];
    int[][] allowed = new int[1][];
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  bound[0] = affinity.bind(cpu);
                  allowed[0] = Affinity.ofSystem().orElseThrow().allowed();
                });
    thread.join();

    assertThat(bound[0]).isTrue();
    assertThat(allowed[0]).containsExactly(cpu);
  }
}
