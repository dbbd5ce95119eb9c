package org.xdp4j.daemon.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.xdp4j.bpf.context.EventSink;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.RingBufferMap;

/**
 * What a program said while it ran: lines of {@code bpf_printk} go to standard error, perf events
 * and records of ring buffers are counted, and the first of each map kept.
 */
final class EventLog implements EventSink {
  /** Records kept of each map. */
  static final int KEPT = 2;

  private static final int MOST_LINES = 1000;
  private static final long POLL_MICROS = 200;

  private final Console console;
  private final EventWriter writer;
  private final List<RingBufferMap> rings;
  private final Map<String, Events> events = new LinkedHashMap<>();
  private int lines;

  /**
   * Makes one.
   *
   * @param writer gets every event, too; may be null
   */
  EventLog(Console console, List<BpfMap> maps, EventWriter writer) {
    this.console = console;
    this.writer = writer;
    this.rings =
        maps.stream()
            .filter(RingBufferMap.class::isInstance)
            .map(RingBufferMap.class::cast)
            .toList();
  }

  /** The records of one map. */
  static final class Events {
    private long count;
    private long bytes;
    private long lost;
    private final List<byte[]> first = new ArrayList<>();

    private void add(byte[] record) {
      count++;
      bytes += record.length;
      if (first.size() < KEPT) {
        first.add(record);
      }
    }

    long count() {
      return count;
    }

    long bytes() {
      return bytes;
    }

    /** Records that found no room in their buffer. */
    long lost() {
      return lost;
    }

    List<byte[]> first() {
      return first;
    }
  }

  /** The records that came through the map of this name. */
  synchronized Events of(String map) {
    return events.getOrDefault(map, new Events());
  }

  @Override
  public synchronized void printk(int cpu, String text) {
    if (writer != null) {
      writer.printk(cpu, text.stripTrailing());
    } else if (lines < MOST_LINES) {
      console.err().println("printk: " + text.stripTrailing());
    } else if (lines == MOST_LINES) {
      console.err().println("printk: further lines are not shown");
    }
    lines++;
  }

  @Override
  public synchronized boolean perfEvent(String map, int cpu, byte[] data) {
    events.computeIfAbsent(map, name -> new Events()).add(data.clone());
    if (writer != null) {
      writer.perfEvent(map, cpu, data);
    }
    return true;
  }

  boolean hasRings() {
    return !rings.isEmpty();
  }

  /**
   * Empties ring buffers as a program in user space beside the kernel would, until closed: by a
   * thread of its own, whenever that gets to it.
   */
  Draining drain() {
    return new Draining();
  }

  /** Empties ring buffers now. Who does so at the same places of a capture finds the same. */
  synchronized void poll() {
    for (RingBufferMap ring : rings) {
      Events log = events.computeIfAbsent(ring.name(), name -> new Events());
      for (byte[] record : ring.drain()) {
        log.add(record);
        if (writer != null) {
          writer.record(ring.name(), record);
        }
      }
      long lost = ring.dropped() - log.lost;
      if (lost > 0) {
        log.lost += lost;
        if (writer != null) {
          writer.lost(ring.name(), lost);
        }
      }
    }
  }

  /** The thread that empties ring buffers. */
  final class Draining {
    private final CountDownLatch finished = new CountDownLatch(1);
    private final Thread thread =
        rings.isEmpty() ? null : Thread.ofPlatform().daemon().start(this::run);

    private void run() {
      try {
        do {
          poll();
        } while (!finished.await(POLL_MICROS, TimeUnit.MICROSECONDS));
        poll();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    /** Takes what is left, and ends. */
    void close() {
      finished.countDown();
      if (thread != null) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }
}
