package org.xdp4j.daemon.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.xdp4j.engine.Replay;
import org.xdp4j.engine.ReplayProgress;

/** A progress bar on a terminal's standard error, drawn by a thread of its own. */
final class ProgressDisplay {
  /** What takes less needs no bar. */
  private static final long DELAY_MILLIS = 400;

  private static final long INTERVAL_MILLIS = 200;
  private static final int WIDTH = 96;
  private static final long MEGABYTE = 1_000_000;

  private final CountDownLatch finished = new CountDownLatch(1);
  private final Console console;
  private final Replay replay;
  private final Thread thread;

  private ProgressDisplay(Console console, Replay replay) {
    this.console = console;
    this.replay = replay;
    this.thread = console.showsProgress() ? Thread.ofPlatform().daemon().start(this::show) : null;
  }

  /** Follows {@code replay} until it is closed; does nothing when there is no terminal. */
  static ProgressDisplay of(Console console, Replay replay) {
    return new ProgressDisplay(console, replay);
  }

  private void show() {
    try {
      if (finished.await(DELAY_MILLIS, TimeUnit.MILLISECONDS)) {
        return;
      }
      try (ProgressBar bar = bar()) {
        do {
          update(bar);
        } while (!finished.await(INTERVAL_MILLIS, TimeUnit.MILLISECONDS));
        update(bar);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private ProgressBar bar() {
    return new ProgressBarBuilder()
        .setTaskName("replay")
        .setInitialMax(replay.progress().bytesTotal())
        .setUnit(" MB", MEGABYTE)
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis((int) INTERVAL_MILLIS)
        .setConsumer(new ConsoleProgressBarConsumer(console.err(), WIDTH))
        .build();
  }

  private void update(ProgressBar bar) {
    ReplayProgress progress = replay.progress();
    bar.stepTo(progress.bytesRead());
    bar.setExtraMessage(Units.counted(progress.frames(), "frame"));
  }

  /** Draws the bar's last state and ends its line. */
  void close() {
    finished.countDown();
    if (thread != null) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
