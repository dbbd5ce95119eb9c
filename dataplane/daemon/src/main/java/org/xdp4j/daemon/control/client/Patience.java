package org.xdp4j.daemon.control.client;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection that nothing has come by for too long, whose reader then fails: a socket of
 * AF_UNIX has no read timeout in the JDK.
 */
final class Patience implements AutoCloseable {
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile boolean over;

  Patience(SocketChannel channel, Duration time) {
    Thread.ofPlatform().name("patience").daemon().start(() -> watch(channel, time));
  }

  private void watch(SocketChannel channel, Duration time) {
    try {
      if (!done.await(time.toMillis(), TimeUnit.MILLISECONDS)) {
        over = true;
        channel.close();
      }
    } catch (InterruptedException | IOException e) {
      return; // Nobody interrupts it; and a connection that cannot be closed is broken already.
    }
  }

  /** Whether it was too long. */
  boolean isOver() {
    return over;
  }

  /** Something has come. */
  @Override
  public void close() {
    done.countDown();
  }
}
