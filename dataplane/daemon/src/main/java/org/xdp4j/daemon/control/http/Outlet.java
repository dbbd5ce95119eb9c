package org.xdp4j.daemon.control.http;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/**
 * What a pushed reply is pushed into, by any thread, which never waits: records that a slow client
 * leaves no room for are lost to it and counted, and it is told how many before the next it gets.
 */
public final class Outlet {
  /** Bytes that may wait for a client. */
  public static final int CAPACITY = 1 << 20;

  private final ConcurrentLinkedQueue<byte[]> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicLong waitingBytes = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();
  private final AtomicBoolean woken = new AtomicBoolean();
  private final Runnable waker;
  private volatile LongFunction<byte[]> lossNote = count -> null;
  private final AtomicLong offered = new AtomicLong();
  private volatile boolean ended;

  /** What is to be said of a loss once all is sent that came before it; the sender's own. */
  private byte[] note;

  private long noteAfter;
  private long polled;

  /**
   * Makes one.
   *
   * @param waker called when there is something to take again
   */
  Outlet(Runnable waker) {
    this.waker = waker;
  }

  /** Sets what a client is told of so many lost records. */
  public void noteLossesBy(LongFunction<byte[]> note) {
    lossNote = note;
  }

  /**
   * Offers a record.
   *
   * @return whether it will be sent; when not, it is counted as lost
   */
  public boolean offer(byte[] record) {
    if (ended) {
      return false;
    }
    if (waitingBytes.addAndGet(record.length) > CAPACITY) {
      waitingBytes.addAndGet(-record.length);
      lost.incrementAndGet();
      return false;
    }
    waiting.add(record);
    offered.incrementAndGet();
    wake();
    return true;
  }

  /** Counts records that were lost before they came here. */
  public void lose(long count) {
    lost.addAndGet(count);
  }

  /** Nothing more comes: the reply ends when all that waits is sent. */
  public void end() {
    ended = true;
    wake();
  }

  private void wake() {
    if (woken.compareAndSet(false, true)) {
      waker.run();
    }
  }

  /** Before a series of {@link #poll}: what is offered from now on wakes again. */
  void rest() {
    woken.set(false);
  }

  /** The next to send, or null. */
  byte[] poll() {
    if (note == null && lost.get() > 0) {
      // It may speak of what was offered by now, and so must not come before that.
      note = lossNote.apply(lost.getAndSet(0));
      noteAfter = offered.get();
    }
    if (note != null && polled >= noteAfter) {
      byte[] due = note;
      note = null;
      return due;
    }
    byte[] next = waiting.poll();
    if (next != null) {
      polled++;
      waitingBytes.addAndGet(-next.length);
    }
    return next;
  }

  /** Whether all there will ever be has been taken. */
  boolean isOver() {
    return ended && waiting.isEmpty() && note == null && lost.get() == 0;
  }
}
