package org.xdp4j.engine.forward;

import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.RingBufferMap;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.port.PortState;

/**
 * Looks after what changes by itself: ports that go up and down, ring buffers that fill, workers
 * that fail. A thread of its own.
 */
final class Watch {
  private static final long PAUSE = 5_000_000L;

  private final Control control;
  private final EventHub events;
  private volatile boolean stopped;
  private Thread thread;

  Watch(Control control, EventHub events) {
    this.control = control;
    this.events = events;
  }

  void start() {
    thread = Thread.ofPlatform().name("forward-watch").daemon().start(this::run);
  }

  /** Waits for the end of what it does just now. */
  void stop() {
    stopped = true;
    if (thread != null) {
      LockSupport.unpark(thread);
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void run() {
    boolean[] failed = new boolean[control.most()];
    while (!stopped) {
      try {
        look(failed);
        control.reclaimer().drain();
      } catch (RuntimeException | OutOfMemoryError e) {
        report(e);
      }
      LockSupport.parkNanos(PAUSE);
    }
  }

  private static void report(Throwable failure) {
    try {
      System.getLogger(Watch.class.getName())
          .log(System.Logger.Level.WARNING, "looking after ports and programs failed", failure);
    } catch (OutOfMemoryError e) {
      // There is no memory to say so; others who need some say it too.
    }
  }

  /** Waits for the end of the look it has at ports and maps just now. */
  synchronized void awaitLook() {}

  private synchronized void look(boolean[] failed) {
    for (LivePort port : control.livePorts()) {
      PortState now = port.port.state();
      if (now != port.seen) {
        port.seen = now;
        control.follow(port);
        events.say(new ForwarderEvent.Link(Instant.now(), port.name(), now));
      }
    }
    if (events.isHeard()) {
      control.attachments().forEach(this::read);
    }
    for (ForwardWorker worker : control.all()) {
      if (worker.failure() != null && !failed[worker.number]) {
        failed[worker.number] = true;
        events.say(
            new ForwarderEvent.WorkerFailed(
                Instant.now(), worker.number, String.valueOf(worker.failure())));
      }
    }
  }

  private void read(Attachment attachment) {
    for (LoadedObject object : attachment.objects()) {
      for (BpfMap map : object.maps()) {
        if (map instanceof RingBufferMap ring) {
          ring.poll((memory, address, size) -> say(attachment, map, memory, address, size));
        }
      }
    }
  }

  private void say(
      Attachment attachment, BpfMap map, MemorySegment memory, long address, int size) {
    byte[] record = memory.asSlice(address, size).toArray(Region.BYTE);
    events.say(
        new ForwarderEvent.RingRecord(Instant.now(), attachment.plan.name(), map.name(), record));
  }
}
