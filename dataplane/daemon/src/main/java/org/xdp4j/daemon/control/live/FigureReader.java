package org.xdp4j.daemon.control.live;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.HdrHistogram.Histogram;
import org.xdp4j.daemon.control.json.JsonWriter;
import org.xdp4j.daemon.control.view.Figures;
import org.xdp4j.engine.forward.DropCount;
import org.xdp4j.engine.forward.ForwardBooks;
import org.xdp4j.engine.forward.Forwarder;
import org.xdp4j.engine.forward.PastRuns;
import org.xdp4j.engine.forward.PortView;
import org.xdp4j.engine.forward.ProgramView;
import org.xdp4j.engine.forward.WorkerView;
import org.xdp4j.engine.port.FaultCounts;
import org.xdp4j.engine.port.PortStatistics;
import org.xdp4j.net.wire.MacAddress;

/**
 * Reads a forwarder's figures. Workers take part in that, between two of their rounds; so figures
 * stay those of the last reading for a moment, and however many ask, workers are asked so often.
 */
final class FigureReader {
  private static final double NANOS = 1e9;
  private static final long FRESH_NANOS = 20_000_000L;
  private static final long INTERVAL_NANOS = 1_000_000_000L;

  /** What programs return, by number; what is none of these comes last. */
  private static final List<String> ACTIONS =
      List.of("XDP_ABORTED", "XDP_DROP", "XDP_PASS", "XDP_TX", "XDP_REDIRECT", "unknown");

  private final Forwarder forwarder;
  private final Instant start;
  private final Function<Path, String> objectNames;
  private Figures last;

  /** What had come, and when, before what is recent. */
  private Histogram before;

  private long beforeNanos;
  private Figures.Latency recent;
  private long lastNanos;

  /**
   * Makes one.
   *
   * @param objectNames what to call an object's file
   */
  FigureReader(Forwarder forwarder, Instant start, Function<Path, String> objectNames) {
    this.forwarder = forwarder;
    this.start = start;
    this.objectNames = objectNames;
  }

  /** The figures, at most a few milliseconds old. */
  synchronized Figures read() {
    long now = System.nanoTime();
    if (last == null || now - lastNanos > FRESH_NANOS) {
      last = readNow();
      lastNanos = now;
    }
    return last;
  }

  /** Something was changed, and whoever did it wants to see that. */
  synchronized void forget() {
    last = null;
  }

  private Figures readNow() {
    ForwardBooks books = forwarder.books();
    PastRuns past = forwarder.programs().runs();
    List<ProgramView> programs = past.programs();
    Histogram histogram = forwarder.latency().histogram();
    follow(histogram);
    Instant now = Instant.now();
    return new Figures(
        now.toString(),
        Duration.between(start, now).toNanos() / NANOS,
        balance(books),
        actions(past.total()),
        forwarder.ports().stream().map(FigureReader::port).toList(),
        forwarder.workers().stream().map(FigureReader::worker).toList(),
        drops(books),
        forwarder.punts().stream()
            .filter(punt -> punt.frames() > 0)
            .map(punt -> new Figures.Punt(punt.reason(), punt.frames()))
            .toList(),
        programs.stream().map(program -> program(program, past.before(program))).toList(),
        latency(histogram),
        recent);
  }

  /** Takes what came since a second ago or longer; sooner, it stays what it was. */
  private void follow(Histogram histogram) {
    long now = System.nanoTime();
    if (before != null && now - beforeNanos < INTERVAL_NANOS) {
      return;
    }
    Histogram since = histogram.copy();
    if (before != null) {
      since.subtract(before);
    }
    recent = latency(since);
    before = histogram;
    beforeNanos = now;
  }

  private static Figures.Balance balance(ForwardBooks books) {
    return new Figures.Balance(
        books.received(),
        books.generated(),
        books.transmitted(),
        books.delivered(),
        books.punted(),
        books.dropped(),
        books.inFlight(),
        books.difference(),
        books.receivedBytes(),
        books.transmittedBytes());
  }

  /** Drops are the books' own, of the same moment. */
  private static List<Figures.Drop> drops(ForwardBooks books) {
    return books.drops().stream()
        .filter(drop -> drop.frames() > 0)
        .map(FigureReader::drop)
        .toList();
  }

  private static Figures.Drop drop(DropCount drop) {
    return new Figures.Drop(
        drop.reason(),
        drop.layer(),
        drop.sentence(),
        drop.frames(),
        drop.lastSeen() == null ? null : drop.lastSeen().toString());
  }

  private static List<Figures.Action> actions(List<Long> runs) {
    List<Figures.Action> actions = new ArrayList<>();
    for (int code = 0; code < ACTIONS.size(); code++) {
      actions.add(new Figures.Action(ACTIONS.get(code), runs.get(code)));
    }
    return actions;
  }

  private Figures.Program program(ProgramView program, PastRuns.Sum before) {
    return new Figures.Program(
        program.name(),
        program.function(),
        objectNames.apply(program.object()),
        program.ports(),
        program.since().toString(),
        program.instructions(),
        actions(program.runs()),
        program.faults(),
        actions(before.runs()),
        before.faults());
  }

  private static Figures.Port port(PortView port) {
    PortStatistics statistics = port.statistics();
    return new Figures.Port(
        port.name(),
        port.ifindex(),
        MacAddress.format(port.mac()),
        port.mtu(),
        JsonWriter.name(port.state()),
        port.queues(),
        port.program(),
        port.problem(),
        statistics.rxFrames(),
        statistics.rxBytes(),
        statistics.rxErrors(),
        statistics.rxNoBuffer(),
        statistics.rxPartial(),
        statistics.txFrames(),
        statistics.txBytes(),
        statistics.txErrors(),
        statistics.txFull(),
        statistics.kernelDrops(),
        faults(statistics.rxFaults()),
        faults(statistics.txFaults()));
  }

  private static Figures.Faults faults(FaultCounts counts) {
    return counts == null
        ? null
        : new Figures.Faults(
            counts.lost(),
            counts.duplicated(),
            counts.corrupted(),
            counts.reordered(),
            counts.delayed());
  }

  private static Figures.Worker worker(WorkerView worker) {
    return new Figures.Worker(
        worker.number(),
        worker.active(),
        worker.boundCpu() < 0 ? null : worker.boundCpu(),
        worker.received(),
        worker.rounds(),
        worker.busyRounds(),
        worker.busyNanos() / NANOS,
        worker.nanos() / NANOS,
        worker.frames(),
        worker.framesOut(),
        worker.waiting(),
        worker.held(),
        worker.failure() == null ? null : String.valueOf(worker.failure()));
  }

  private static Figures.Latency latency(Histogram histogram) {
    if (histogram.getTotalCount() == 0) {
      return new Figures.Latency(0, 0, 0, 0, 0, 0, 0, 0);
    }
    return new Figures.Latency(
        histogram.getTotalCount(),
        histogram.getMean(),
        histogram.getValueAtPercentile(50),
        histogram.getValueAtPercentile(90),
        histogram.getValueAtPercentile(99),
        histogram.getValueAtPercentile(99.9),
        histogram.getValueAtPercentile(99.99),
        histogram.getMaxValue());
  }
}
