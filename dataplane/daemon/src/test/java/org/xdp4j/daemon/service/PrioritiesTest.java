package org.xdp4j.daemon.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.xdp4j.engine.forward.Forwarder;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.WorkerPlan;

class PrioritiesTest {
  private static final int PRIO_PROCESS = 0;

  private static int niceOfCaller() {
    return (int) CLibrary.ofInt("getpriority").call(PRIO_PROCESS, 0);
  }

  private static ForwarderPlan plan(int workers) {
    return ForwarderPlan.empty()
        .withWorkers(new WorkerPlan(workers, List.of(), WorkerPlan.Idle.PARK, 2));
  }

  /** Of the thread with this name, by proc_pid_stat(5). */
  private static String niceOf(String name) throws IOException {
    for (int thread : ThreadCall.threads()) {
      if (ThreadCall.status(thread, "Name").equals(name)) {
        String stat = Files.readString(Path.of("/proc/self/task/" + thread + "/stat"));
        return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[16];
      }
    }
    return "none";
  }

  /** Workers that come after others gave way, in a JVM of its own as well. */
  static final class Added {
    private Added() {}

    public static void main(String[] arguments) throws Exception {
      try (Forwarder forwarder = Forwarder.start(plan(1))) {
        Priorities.giveWayToWorkers(7);
        forwarder.apply(plan(2));
        System.out.print(niceOf("forward-0") + " " + niceOf("forward-1"));
      }
    }
  }

  /** Runs in a JVM of its own, as what gives way here does so for good. */
  public static void main(String[] arguments) throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    int[] nice = new int[2];
    Thread worker =
        Thread.ofPlatform()
            .name("forward-0")
            .start(
                () -> {
                  try {
                    end.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                  nice[0] = niceOfCaller();
                });
    Priorities.giveWayToWorkers(7);
    Thread later = Thread.ofPlatform().name("later").start(() -> nice[1] = niceOfCaller());
    later.join();
    end.countDown();
    worker.join();
    System.out.print("worker " + nice[0] + ", later " + nice[1]);
  }

  @Test
  void allButWorkersGiveWay() throws Exception {
    assumeTrue(CLibrary.isLinux(), "only Linux has a nice value for each thread");
    int own = niceOfCaller();
    assertThat(run(PrioritiesTest.class))
        .isEqualTo("worker " + own + ", later " + Math.min(19, own + 7));
  }

  @Test
  void workersThatComeLaterDoNotGiveWayEither() throws Exception {
    assumeTrue(CLibrary.isLinux(), "only Linux has a nice value for each thread");
    int own = niceOfCaller();
    assertThat(run(Added.class)).isEqualTo(own + " " + own);
  }

  private static String run(Class<?> main) throws Exception {
    Process process =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName())
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }
}
