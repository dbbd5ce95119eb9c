package org.xdp4j.engine.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.WorkerPlan;

/** Workers whose threads the system refuses: none of them comes, and all goes on as before. */
class WorkerThreadsTest {
  private static final int MOST = 8;

  /** Threads of this test alone: others run beside it. */
  private static final ThreadGroup GROUP = new ThreadGroup("worker-threads-test");

  /** As many threads as the system has left, when it is asked to have so few. */
  private static final class Scarce implements ThreadFactory {
    private final AtomicInteger left;

    Scarce(int left) {
      this.left = new AtomicInteger(left);
    }

    @Override
    public Thread newThread(Runnable task) {
      return new Thread(GROUP, task) {
        @Override
        public void start() {
          if (left.getAndDecrement() <= 0) {
            throw new OutOfMemoryError("unable to create native thread");
          }
          setDaemon(true);
          super.start();
        }
      };
    }
  }

  private static ForwarderPlan plan(TestNetwork net, int workers) {
    return net.plan().withWorkers(new WorkerPlan(workers, List.of(), WorkerPlan.Idle.YIELD, MOST));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void moreThanTheSystemHasThreadsForAreRefused(int left) throws Exception {
    TestNetwork net = new TestNetwork(2, 2);
    Scarce threads = new Scarce(2);
    try (Forwarder forwarder = Forwarder.start(plan(net, 2), threads)) {
      long sent = ForwarderLoadTest.load(net, forwarder, running -> {});
      long free = forwarder.region().free();
      for (int i = 0; i < 3; i++) {
        threads.left.set(left);
        assertThatThrownBy(() -> forwarder.apply(plan(net, 6)))
            .isInstanceOf(ForwarderException.class)
            .hasMessage(
                "workers.count: the system refuses a thread for worker %d:"
                    + " unable to create native thread",
                3 + left);
        assertThat(forwarder.workers()).hasSize(2);
        assertThat(forwarder.plan().workers().count()).isEqualTo(2);
        assertThat(forwarder.region().free()).isEqualTo(free);
        assertThat(GROUP.activeCount()).isEqualTo(2);
      }
      threads.left.set(4);
      sent += ForwarderLoadTest.load(net, forwarder, running -> running.apply(plan(net, 6)));
      assertThat(forwarder.workers()).hasSize(6);
      assertThat(net.stop(forwarder).transmitted()).isEqualTo(sent);
    }
    assertThat(GROUP.activeCount()).isZero();
  }

  @Test
  void theFirstAreRefusedToo() {
    TestNetwork net = new TestNetwork(2, 2);
    assertThatThrownBy(() -> Forwarder.start(plan(net, 4), new Scarce(3)))
        .isInstanceOf(ForwarderException.class)
        .hasMessageStartingWith("workers.count: the system refuses a thread for worker 4: ");
    assertThat(GROUP.activeCount()).isZero();
  }
}
