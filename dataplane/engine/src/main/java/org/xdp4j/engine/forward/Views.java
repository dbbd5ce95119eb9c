package org.xdp4j.engine.forward;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;
import org.xdp4j.engine.account.DropReason;
import org.xdp4j.engine.forward.WorkerCounters.Total;
import org.xdp4j.net.stack.PuntReason;
import org.xdp4j.net.stack.StackCounters;

/** What a running forwarder shows of itself. Any thread may ask. */
final class Views {
  private final Shared shared;
  private final List<ForwardWorker> workers;
  private final Histogram latency = new Histogram(TimeUnit.SECONDS.toNanos(60), 3);

  /** The wall clock's distance to {@link System#nanoTime}. */
  private final long epoch;

  Views(Shared shared, List<ForwardWorker> workers) {
    this.shared = shared;
    this.workers = workers;
    Instant wall = Instant.now();
    epoch = wall.getEpochSecond() * 1_000_000_000L + wall.getNano() - System.nanoTime();
  }

  static List<PortView> ports(List<LivePort> ports) {
    return ports.stream().map(Views::view).toList();
  }

  private static PortView view(LivePort live) {
    Attachment attachment = live.attachment;
    return new PortView(
        live.name(),
        live.ifindex,
        live.port.mac(),
        live.port.mtu(),
        live.port.queues(),
        live.port.state(),
        live.port.statistics(),
        attachment == null ? null : attachment.plan.name(),
        live.port.problem());
  }

  List<WorkerView> workers() {
    return workers.stream().map(this::view).toList();
  }

  private WorkerView view(ForwardWorker worker) {
    WorkerCounters counters = worker.counters;
    return new WorkerView(
        worker.number,
        worker.number < shared.layout().workers(),
        worker.boundCpu(),
        counters.get(Total.RECEIVED) + counters.get(Total.HANDED_IN),
        counters.get(Total.ROUNDS),
        counters.get(Total.BUSY_ROUNDS),
        counters.get(Total.BUSY_NANOS),
        worker.began() == 0 ? 0 : System.nanoTime() - worker.began(),
        worker.pool.capacity(),
        worker.pool.inUse(),
        shared.rings().waiting(worker.number),
        worker.stack.counters().get(StackCounters.Total.HELD),
        worker.failure());
  }

  /** The wall clock at a {@link System#nanoTime}; null for 0. */
  Instant instant(long nanos) {
    return nanos == 0 ? null : Instant.ofEpochSecond(0, nanos + epoch);
  }

  /** Every reason of engine and stack. */
  List<DropCount> drops(List<BookPart> parts) {
    List<DropCount> drops = new ArrayList<>();
    for (DropReason reason : DropReason.values()) {
      long sum = parts.stream().mapToLong(part -> part.engineDrops()[reason.ordinal()]).sum();
      long seen = workers.stream().mapToLong(w -> w.counters.lastSeen(reason)).max().orElse(0);
      drops.add(drop("engine", reason.label(), reason.sentence(), sum, seen));
    }
    for (var reason : org.xdp4j.net.stack.DropReason.values()) {
      long sum = parts.stream().mapToLong(part -> part.stackDrops()[reason.ordinal()]).sum();
      long seen = workers.stream().mapToLong(w -> w.counters.lastSeen(reason)).max().orElse(0);
      drops.add(drop("stack", reason.label(), reason.sentence(), sum, seen));
    }
    return drops;
  }

  private DropCount drop(String layer, String label, String sentence, long sum, long seen) {
    return new DropCount(layer, label, sentence, sum, sum == 0 ? null : instant(seen));
  }

  List<PuntCount> punts() {
    List<PuntCount> punts = new ArrayList<>();
    for (PuntReason reason : PuntReason.values()) {
      long sum = workers.stream().mapToLong(w -> w.stack.counters().punted(reason)).sum();
      punts.add(new PuntCount(reason.label(), sum));
    }
    return punts;
  }

  LatencyView latency() {
    synchronized (latency) {
      for (ForwardWorker worker : workers) {
        latency.add(worker.latency.sinceLast());
      }
      return new LatencyView(latency.copy());
    }
  }

  /** The books, of each worker's part. */
  ForwardBooks sum(List<BookPart> parts) {
    return new ForwardBooks(
        sum(parts, BookPart::received),
        sum(parts, BookPart::receivedBytes),
        sum(parts, BookPart::generated),
        sum(parts, BookPart::transmitted),
        sum(parts, BookPart::transmittedBytes),
        sum(parts, BookPart::punted),
        sum(parts, BookPart::delivered),
        drops(parts).stream().filter(drop -> drop.frames() != 0).toList(),
        sum(parts, part -> part.held() + part.handedOut()));
  }

  private static long sum(List<BookPart> parts, ToLongFunction<BookPart> what) {
    return parts.stream().mapToLong(what).sum();
  }
}
