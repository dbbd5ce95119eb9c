package org.xdp4j.engine.forward;

import static org.xdp4j.engine.forward.TestNetwork.datagram;

/**
 * Frames that come in at the first port of a network, by all of its queues, until it is closed. The
 * wires are its own meanwhile.
 */
final class Traffic implements AutoCloseable {
  private static final int AT_ONCE = 16;
  private static final int LAST_OF_SOURCE = 11;

  private final TestNetwork net;
  private final Thread thread;
  private final long[] came = new long[2];
  private volatile long strays;
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
    for (int port = 0; port < came.length; port++) {
      for (byte[] out = net.wires.get(port).poll(); out != null; out = net.wires.get(port).poll()) {
        came[port]++;
        strays += out[LAST_OF_SOURCE] == port + 1 ? 0 : 1;
      }
    }
  }

  /** About how many frames have come out of a port so far, 0 or 1. */
  long came(int port) {
    return came[port];
  }

  /** Those whose source address does not end in the number of the port they came out of, 1 or 2. */
  long strays() {
    return strays;
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
