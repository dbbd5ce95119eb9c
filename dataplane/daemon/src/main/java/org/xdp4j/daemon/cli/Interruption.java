package org.xdp4j.daemon.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.xdp4j.engine.Replay;

/**
 * Lets Ctrl-C end a replay in an orderly way: the JVM's shutdown hook stops it and waits until its
 * balance is printed, which ends with {@link Main} ending the process.
 */
final class Interruption {
  /** A replay that does not come to its end in this time is left to its fate. */
  private static final long PATIENCE_SECONDS = 20;

  private static final CountDownLatch NEVER = new CountDownLatch(1);

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
    stop.run();
    try {
      // The main thread halts the process when it has printed the balance.
      if (!NEVER.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        Runtime.getRuntime().halt(ExitStatus.INTERRUPTED);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The replay is over. */
  void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is being shut down: the hook is what stopped the replay.
    }
  }
}
