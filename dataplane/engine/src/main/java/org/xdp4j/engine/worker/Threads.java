package org.xdp4j.engine.worker;

/** Threads as those see them who started them. */
public final class Threads {
  private Threads() {}

  /** Waits until a thread has ended; an interrupt meanwhile is kept for later. */
  public static void join(Thread thread) {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
