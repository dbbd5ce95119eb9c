package org.xdp4j.bpf.context;

import java.util.concurrent.atomic.AtomicInteger;

/** A {@link Lifetime} that begins with one holder. */
public abstract class Counted implements Lifetime {
  private final AtomicInteger holders = new AtomicInteger(1);

  @Override
  public final boolean hold() {
    int before;
    do {
      before = holders.get();
      if (before == 0) {
        return false;
      }
    } while (!holders.compareAndSet(before, before + 1));
    return true;
  }

  @Override
  public final void release() {
    int left = holders.decrementAndGet();
    if (left < 0) {
      throw new IllegalStateException("released by more than hold it");
    }
    if (left == 0) {
      end();
    }
  }

  /** How many hold it now. */
  public final int holders() {
    return holders.get();
  }

  /** Nobody holds it any more, nor ever will. */
  protected abstract void end();
}
