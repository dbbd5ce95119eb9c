package org.xdp4j.engine.port.linux;

import org.xdp4j.engine.linux.LinuxException;
import org.xdp4j.engine.linux.NetworkInterface;
import org.xdp4j.engine.linux.Syscalls;
import org.xdp4j.engine.port.PortState;

/**
 * Follows what becomes of a port's interface, on a thread of its own: told by the kernel at once,
 * and asked for four times a second in case a word was lost or the interface is in another
 * namespace.
 */
final class LinkWatch implements AutoCloseable {
  private static final int MILLIS = 250;

  /** How a port looks after its interface. On the watch's thread, and before that once on ours. */
  @FunctionalInterface
  interface Look {
    /**
     * Says how it is, having attached to it again if it had gone and returned.
     *
     * @throws LinuxException when it is there and cannot be attached: it is still gone, then
     */
    PortState look() throws LinuxException;
  }

  private final NetworkInterface interfaces;
  private final Look port;
  private final Syscalls system = new Syscalls();
  private final Thread thread;
  private volatile PortState state;
  private volatile long changes;
  private volatile String problem;
  private volatile boolean closed;

  /** Starts with an interface that is attached. */
  LinkWatch(String name, NetworkInterface interfaces, Look port) {
    this.interfaces = interfaces;
    this.port = port;
    this.state = look();
    this.thread = Thread.ofPlatform().name("link of " + name).daemon().start(this::watch);
  }

  /** A look at an interface that is known by its name, and attached to by its index. */
  static Look byName(String name, NetworkInterface interfaces, Attachment attachment) {
    int[] attached = {(int) interfaces.index(name)};
    return () -> {
      int now = (int) interfaces.index(name);
      if (now < 0) {
        attached[0] = -1;
        return PortState.GONE;
      }
      if (now != attached[0]) {
        attachment.attach(now);
        attached[0] = now;
      }
      return interfaces.isRunning(name) ? PortState.UP : PortState.DOWN;
    };
  }

  /** What a port does to have its interface again. */
  @FunctionalInterface
  interface Attachment {
    /** Attaches to the interface that has the port's name and this index in the kernel. */
    void attach(int index) throws LinuxException;
  }

  private void watch() {
    while (!closed) {
      interfaces.awaitChange(system, MILLIS);
      if (!closed) {
        PortState now = look();
        if (now != state) {
          state = now;
          changes = changes + 1; // this thread alone writes it
        }
      }
    }
  }

  private PortState look() {
    try {
      PortState now = port.look();
      problem = null;
      return now;
    } catch (LinuxException e) {
      problem = e.getMessage();
      return PortState.GONE;
    }
  }

  PortState state() {
    return state;
  }

  /** How often the state changed. */
  long changes() {
    return changes;
  }

  /** Why an interface of that name could not be attached, or null. */
  String problem() {
    return problem;
  }

  @Override
  public void close() {
    closed = true;
    interfaces.wake();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    system.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
