package org.xdp4j.daemon.run;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.xdp4j.daemon.service.ServiceManager;
import org.xdp4j.engine.forward.Forwarder;
import org.xdp4j.engine.forward.PortView;
import org.xdp4j.engine.forward.WorkerView;
import org.xdp4j.engine.port.PortState;

/**
 * Looks after a forwarder on a thread of its own: says on the log when a link comes or goes, tells
 * the service manager that the workers still work, and finds out when one of them does not.
 */
final class Watch implements AutoCloseable {
  private static final Logger LOG = System.getLogger("xdp4j");
  private static final long PERIOD = 250_000_000L;

  private final Forwarder forwarder;
  private final ServiceManager manager;
  private final Thread thread = Thread.ofPlatform().name("watch").daemon().unstarted(this::run);
  private final Map<String, PortState> states = new HashMap<>();
  private final Map<Integer, Long> rounds = new HashMap<>();
  private volatile Throwable failure;
  private volatile boolean closed;

  private Watch(Forwarder forwarder, ServiceManager manager) {
    this.forwarder = forwarder;
    this.manager = manager;
  }

  static Watch start(Forwarder forwarder, ServiceManager manager) {
    Watch watch = new Watch(forwarder, manager);
    watch.thread.start();
    return watch;
  }

  /** What ended a worker before its time, or null. */
  Throwable failure() {
    return failure;
  }

  private void run() {
    long period = PERIOD;
    if (manager.watchdogNanos() > 0) {
      period = Math.min(period, manager.watchdogNanos() / 4);
    }
    while (!closed) {
      watchPorts();
      if (workersWork() && manager.watchdogNanos() > 0) {
        manager.alive();
      }
      LockSupport.parkNanos(period);
    }
  }

  private void watchPorts() {
    for (PortView port : forwarder.ports()) {
      PortState before = states.put(port.name(), port.state());
      if (before == null ? port.state() != PortState.UP : before != port.state()) {
        LOG.log(
            port.state() == PortState.UP ? Level.INFO : Level.WARNING,
            "port "
                + port.name()
                + " "
                + sentence(port.state())
                + (port.problem() == null ? "" : ": " + port.problem()));
      }
    }
  }

  private static String sentence(PortState state) {
    return switch (state) {
      case UP -> "is up";
      case DOWN -> "is down";
      case GONE -> "is gone; it is attached again when it returns";
    };
  }

  /** Whether every worker has made a round since the last look. */
  private boolean workersWork() {
    boolean all = true;
    List<String> ended = new ArrayList<>();
    for (WorkerView worker : forwarder.workers()) {
      Long before = rounds.put(worker.number(), worker.rounds());
      all &= before == null || before != worker.rounds();
      if (worker.failure() != null && failure == null) {
        failure = worker.failure();
        ended.add("worker " + worker.number() + " ended: " + worker.failure());
      }
    }
    ended.forEach(sentence -> LOG.log(Level.ERROR, sentence));
    return all && failure == null;
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    try {
      thread.join(2_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
