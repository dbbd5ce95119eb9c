package org.xdp4j.engine.forward;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.xdp4j.bpf.context.EventSink;

/**
 * Takes what programs and ports have to say from whoever has it and gives it to listeners on a
 * thread of its own. Bounded: what finds no room is counted as missed, and nobody waits.
 */
final class EventHub implements EventSink {
  private static final int CAPACITY = 8192;
  private static final long PAUSE = 2_000_000L;

  private final MpscVarHandleArrayQueue<ForwarderEvent> queue =
      new MpscVarHandleArrayQueue<>(CAPACITY);
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final AtomicLong missed = new AtomicLong();
  private Thread thread;
  private volatile boolean closed;

  /** Adds a listener; what is given back takes it away, and it is told nothing from then on. */
  synchronized Subscription listen(Consumer<ForwarderEvent> consumer) {
    Listener listener = new Listener(consumer);
    listeners.add(listener);
    if (thread == null && !closed) {
      thread = Thread.ofPlatform().name("forward-events").daemon().start(this::run);
    }
    return listener;
  }

  private final class Listener implements Subscription {
    private final Consumer<ForwarderEvent> consumer;
    private boolean ended;

    Listener(Consumer<ForwarderEvent> consumer) {
      this.consumer = consumer;
    }

    synchronized void tell(ForwarderEvent event) {
      if (!ended) {
        consumer.accept(event);
      }
    }

    @Override
    public void close() {
      listeners.remove(this);
      synchronized (this) { // it is told something just now
        ended = true;
      }
    }
  }

  /** Whether anybody listens. */
  boolean isHeard() {
    return !listeners.isEmpty();
  }

  long missed() {
    return missed.get();
  }

  /** Says something; false when there is no room for it. */
  boolean say(ForwarderEvent event) {
    if (listeners.isEmpty()) {
      return true;
    }
    boolean room = queue.offer(event);
    if (!room) {
      missed.incrementAndGet();
    }
    return room;
  }

  @Override
  public void printk(int cpu, String text) {
    if (isHeard()) {
      say(new ForwarderEvent.Printk(Instant.now(), cpu, text));
    }
  }

  @Override
  public boolean perfEvent(String map, int cpu, byte[] data) {
    return !isHeard() || say(new ForwarderEvent.Perf(Instant.now(), map, cpu, data.clone()));
  }

  private void run() {
    while (!closed || !queue.isEmpty()) {
      ForwarderEvent event = queue.poll();
      if (event == null) {
        LockSupport.parkNanos(PAUSE);
        continue;
      }
      for (Listener listener : listeners) {
        try {
          listener.tell(event);
        } catch (RuntimeException e) {
          listeners.remove(listener);
          System.getLogger(EventHub.class.getName())
              .log(System.Logger.Level.WARNING, "a listener failed and is no longer told", e);
        }
      }
    }
  }

  void close() {
    Thread running;
    synchronized (this) {
      closed = true;
      running = thread;
    }
    if (running != null && running != Thread.currentThread()) {
      try {
        running.join(1000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
