package org.xdp4j.daemon.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class PrioritiesTest {
  private static final int PRIO_PROCESS = 0;

  private static int niceOfCaller() {
    return (int) CLibrary.ofInt("getpriority").call(PRIO_PROCESS, 0);
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
    Process process =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                PrioritiesTest.class.getName())
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said).isEqualTo("worker " + own + ", later " + Math.min(19, own + 7));
  }
}
