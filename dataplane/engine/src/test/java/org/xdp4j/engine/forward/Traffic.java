package org.xdp4j.engine.forward;

import static org.xdp4j.engine.forward.TestNetwork.datagram;

/**
 * Frames that come in at the first port of a network, by all of its queues, until it is closed. The
 * wires are its own meanwhile.
 */
final class Traffic implements AutoCloseable {
  private static final int AT_ONCE = 16;

  private final TestNetwork net;
  private final Thread thread;
  private volatile boolean stopped;
  private volatile Throwable failure;

  private Traffic(TestNetwork net, int queues) {
    this.net = net;
    this.thread = Thread.ofPlatform().name("traffic").unstarted(() -> run(queues));
  }

  static Traffic start(TestNetwork net, int queues) {
    Traffic traffic = new Traffic(net, queues);
    traffic.thread.start();
    return traffic;
  }

  private void run(int queues) {
    try {
      byte[] frame = datagram(1, "10.0.1.3", "10.2.3.4", 64);
      while (!stopped) {
        for (int i = 0; i < AT_ONCE; i++) {
          net.wire(1).trySend(frame, i % queues);
        }
        drain();
        Thread.sleep(0, 200_000);
      }
      drain();
    } catch (Throwable e) {
      failure = e;
    }
  }

  private void drain() {
    for (TestWire wire : net.wires) {
      while (wire.poll() != null) {
        // What comes out is of no interest.
      }
    }
  }

  /** Sends no more. */
  @Override
  public void close() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (failure != null) {
      throw new AssertionError(failure);
    }
  }
}
