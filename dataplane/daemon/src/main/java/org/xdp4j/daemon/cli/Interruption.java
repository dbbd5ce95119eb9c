package org.xdp4j.daemon.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.xdp4j.engine.Replay;

/**
 * Lets Ctrl-C and SIGTERM end a verb in an orderly way: the JVM's shutdown hook stops it and waits
 * until {@link Main} has printed what it came to. Then the JVM ends the process as it would have,
 * with 128 and the signal's number, unless the verb has another status to end with.
 */
final class Interruption {
  /** A verb that does not come to its end in this time is left to its fate. */
  private static final long PATIENCE_SECONDS = 20;

  private static final CountDownLatch DONE = new CountDownLatch(1);
  private static volatile boolean underway;

  private final Thread hook;

  private Interruption(Thread hook) {
    this.hook = hook;
  }

  static Interruption stopping(Replay replay) {
    return stopping(replay::stop);
  }

  /** The same for anything that comes to its end soon after {@code stop} is called. */
  static Interruption stopping(Runnable stop) {
    Thread hook = new Thread(() -> end(stop), "xdp4j-interrupt");
    Runtime.getRuntime().addShutdownHook(hook);
    return new Interruption(hook);
  }

  private static void end(Runnable stop) {
    underway = true;
    stop.run();
    awaitOrGiveUp(DONE);
  }

  private static void awaitOrGiveUp(CountDownLatch latch) {
    try {
      boolean _ = latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether a signal is about to end the process. */
  static boolean isUnderway() {
    return underway;
  }

  /** Has the signal end the process, if there was one: then this does not return. */
  static void letEnd() {
    if (underway) {
      DONE.countDown();
      awaitOrGiveUp(new CountDownLatch(1));
    }
  }

  /** The verb has come to its end. */
  void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is being shut down: the hook is what stopped the verb.
    }
  }
}
