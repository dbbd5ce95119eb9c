package org.xdp4j.daemon.cli;

import java.io.IOException;
import org.xdp4j.daemon.service.PipeReader;

/**
 * Ends a verb that waits for something to print when nobody reads what it prints any more. A thread
 * of its own, for the process's own output only.
 */
final class OutputWatch implements AutoCloseable {
  private static final int LOOK = 500;

  private final Runnable stop;
  private volatile boolean closed;

  private OutputWatch(Runnable stop) {
    this.stop = stop;
  }

  /**
   * Begins.
   *
   * @param stop has the verb come to its end soon
   */
  static OutputWatch stopping(Console console, Runnable stop) {
    OutputWatch watch = new OutputWatch(stop);
    if (console.isOfProcess()) {
      Thread.ofPlatform().name("xdp4j-output").daemon().start(watch::run);
    }
    return watch;
  }

  private void run() {
    try {
      while (!closed) {
        if (PipeReader.awaitGone(PipeReader.STANDARD_OUTPUT, LOOK)) {
          WatchedOutput.fail(new IOException("Broken pipe"));
          stop.run();
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The verb needs no watch any more. */
  @Override
  public void close() {
    closed = true;
  }
}
