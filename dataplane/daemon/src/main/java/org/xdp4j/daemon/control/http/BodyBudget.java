package org.xdp4j.daemon.control.http;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes of bodies that all connections of a listener may hold together. */
final class BodyBudget {
  private final long most;
  private final AtomicLong taken = new AtomicLong();

  BodyBudget(long most) {
    this.most = most;
  }

  boolean take(long bytes) {
    if (taken.addAndGet(bytes) <= most) {
      return true;
    }
    taken.addAndGet(-bytes);
    return false;
  }

  void give(long bytes) {
    taken.addAndGet(-bytes);
  }

  long taken() {
    return taken.get();
  }
}
