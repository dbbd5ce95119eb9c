package org.xdp4j.daemon.control.metrics;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Quantiles;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.xdp4j.daemon.control.view.Figures;

/** Writes figures as metrics. */
public final class Metrics {
  private static final double NANOS = 1e9;

  private Metrics() {}

  /** A page of metrics. */
  public record Page(String contentType, String text) {}

  /**
   * The figures, in OpenMetrics for who asks for it, else in Prometheus' text format.
   *
   * @param accept the request's Accept field
   */
  public static Page page(Figures figures, String accept) {
    ExpositionFormatWriter writer =
        accept.contains("application/openmetrics-text")
            ? OpenMetricsTextFormatWriter.create()
            : PrometheusTextFormatWriter.create();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      writer.write(out, snapshots(figures), EscapingScheme.UNDERSCORE_ESCAPING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Page(writer.getContentType(), out.toString(StandardCharsets.UTF_8));
  }

  private static MetricSnapshots snapshots(Figures figures) {
    List<MetricSnapshot> all = new ArrayList<>();
    all.add(
        Family.gauge("xdp4j_uptime_seconds", "Time since the data plane was started.")
            .add(figures.uptimeSeconds())
            .snapshot());
    balance(figures.balance(), all);
    reasons(figures, all);
    programs(figures.programs(), all);
    ports(figures.ports(), all);
    workers(figures.workers(), all);
    all.add(latency(figures.latency()));
    return new MetricSnapshots(all);
  }

  private static void balance(Figures.Balance balance, List<MetricSnapshot> to) {
    total(to, "received_frames", "Frames that came in through ports.", balance.received());
    total(to, "received_bytes", "Bytes of frames that came in.", balance.receivedBytes());
    total(to, "generated_frames", "Frames made here.", balance.generated());
    total(to, "transmitted_frames", "Frames sent out of ports.", balance.transmitted());
    total(to, "transmitted_bytes", "Bytes of frames sent.", balance.transmittedBytes());
    total(to, "delivered_frames", "Frames that were for the stack itself.", balance.delivered());
    to.add(
        Family.gauge("xdp4j_in_flight_frames", "Frames that have not ended yet.")
            .add(balance.inFlight())
            .snapshot());
    to.add(
        Family.gauge(
                "xdp4j_balance_difference_frames",
                "Frames that came in, less those that ended or are in flight: 0 unless one was"
                    + " lost or counted twice.")
            .add(balance.difference())
            .snapshot());
  }

  private static void total(List<MetricSnapshot> to, String name, String help, long value) {
    to.add(Family.counter("xdp4j_" + name, help).add(value).snapshot());
  }

  private static void reasons(Figures figures, List<MetricSnapshot> to) {
    Family drops =
        Family.counter(
            "xdp4j_dropped_frames", "Frames that went no further, by reason.", "by", "reason");
    for (Figures.Drop drop : figures.drops()) {
      drops.add(drop.frames(), drop.by(), drop.reason());
    }
    to.add(drops.snapshot());
    Family punts =
        Family.counter(
            "xdp4j_punted_frames", "Frames handed on as not the stack's, by reason.", "reason");
    for (Figures.Punt punt : figures.punts()) {
      punts.add(punt.frames(), punt.reason());
    }
    to.add(punts.snapshot());
    Family actions =
        Family.counter("xdp4j_actions", "How often programs returned which action.", "action");
    for (Figures.Action action : figures.actions()) {
      actions.add(action.frames(), action.action());
    }
    to.add(actions.snapshot());
  }

  private static void programs(List<Figures.Program> programs, List<MetricSnapshot> to) {
    Family runs =
        Family.counter(
            "xdp4j_program_runs",
            "Frames a program was run on, by what it returned.",
            "program",
            "function",
            "action");
    Family faults =
        Family.counter(
            "xdp4j_program_faults",
            "Runs that ended in a fault of the machine.",
            "program",
            "function");
    for (Figures.Program program : programs) {
      for (int i = 0; i < program.runs().size(); i++) {
        Figures.Action run = program.runs().get(i);
        long before = program.earlierRuns().get(i).frames();
        runs.add(before + run.frames(), program.program(), program.function(), run.action());
      }
      faults.add(program.earlierFaults() + program.faults(), program.program(), program.function());
    }
    to.add(runs.snapshot());
    to.add(faults.snapshot());
  }

  private static void ports(List<Figures.Port> ports, List<MetricSnapshot> to) {
    Family up = Family.gauge("xdp4j_port_up", "Whether a port moves frames.", "port");
    Family rx = port("received_frames", "Frames that came in.");
    Family rxBytes = port("received_bytes", "Bytes that came in.");
    Family tx = port("transmitted_frames", "Frames sent.");
    Family txBytes = port("transmitted_bytes", "Bytes sent.");
    Family faults =
        Family.counter(
            "xdp4j_port_faulty_frames",
            "Frames a port could not take in or send, by reason.",
            "port",
            "reason");
    Family partial =
        port(
            "received_partial_checksums",
            "Frames taken to have come with a checksum left to a device.");
    Family spoiled =
        Family.counter(
            "xdp4j_port_spoiled_frames",
            "Frames a port did something to on purpose, by direction and fault.",
            "port",
            "direction",
            "fault");
    for (Figures.Port port : ports) {
      spoiled(port.receiveFaults(), port.port(), "receive", spoiled);
      spoiled(port.transmitFaults(), port.port(), "transmit", spoiled);
      partial.add(port.receivePartialChecksums(), port.port());
      up.add(port.state().equals("up") ? 1 : 0, port.port());
      rx.add(port.receivedFrames(), port.port());
      rxBytes.add(port.receivedBytes(), port.port());
      tx.add(port.transmittedFrames(), port.port());
      txBytes.add(port.transmittedBytes(), port.port());
      faults.add(port.receiveErrors(), port.port(), "receive-error");
      faults.add(port.receiveNoBuffer(), port.port(), "receive-no-buffer");
      faults.add(port.transmitErrors(), port.port(), "transmit-error");
      faults.add(port.transmitFull(), port.port(), "transmit-full");
      faults.add(port.kernelDrops(), port.port(), "kernel");
    }
    for (Family family : List.of(up, rx, rxBytes, tx, txBytes, faults, partial, spoiled)) {
      to.add(family.snapshot());
    }
  }

  private static void spoiled(Figures.Faults faults, String port, String direction, Family to) {
    if (faults != null) {
      to.add(faults.lost(), port, direction, "loss");
      to.add(faults.duplicated(), port, direction, "duplicate");
      to.add(faults.corrupted(), port, direction, "corrupt");
      to.add(faults.reordered(), port, direction, "reorder");
      to.add(faults.delayed(), port, direction, "delay");
    }
  }

  private static Family port(String name, String help) {
    return Family.counter("xdp4j_port_" + name, help, "port");
  }

  private static void workers(List<Figures.Worker> workers, List<MetricSnapshot> to) {
    Family received = worker("received_frames", "Frames its queues and rings gave a worker.");
    Family rounds = worker("rounds", "Passes over a worker's queues and rings.");
    Family busyRounds = worker("busy_rounds", "Passes that found something to do.");
    Family busy = worker("busy_seconds", "Time a worker had something to do.");
    Family pool = gauge("pool_frames", "Frames of a worker's pool.");
    Family out = gauge("pool_used_frames", "Frames of a worker's pool that are in use.");
    Family waiting = gauge("waiting_frames", "Frames in rings on their way to a worker.");
    Family held = gauge("held_frames", "Packets that wait for a neighbour.");
    Family active = gauge("active", "Whether frames come to a worker; a reload may leave it none.");
    Family failed = gauge("failed", "Whether a worker ended before its time.");
    for (Figures.Worker each : workers) {
      String number = String.valueOf(each.worker());
      received.add(each.receivedFrames(), number);
      rounds.add(each.rounds(), number);
      busyRounds.add(each.busyRounds(), number);
      busy.add(each.busySeconds(), number);
      pool.add(each.poolFrames(), number);
      out.add(each.poolOut(), number);
      waiting.add(each.waiting(), number);
      held.add(each.held(), number);
      active.add(each.active() ? 1 : 0, number);
      failed.add(each.failure() == null ? 0 : 1, number);
    }
    for (Family family :
        List.of(received, rounds, busyRounds, busy, pool, out, waiting, held, active, failed)) {
      to.add(family.snapshot());
    }
  }

  private static Family worker(String name, String help) {
    return Family.counter("xdp4j_worker_" + name, help, "worker");
  }

  private static Family gauge(String name, String help) {
    return Family.gauge("xdp4j_worker_" + name, help, "worker");
  }

  private static MetricSnapshot latency(Figures.Latency latency) {
    return SummarySnapshot.builder()
        .name("xdp4j_forwarding_latency_seconds")
        .help("From receiving a frame's batch to having handed the frame on.")
        .dataPoint(
            SummarySnapshot.SummaryDataPointSnapshot.builder()
                .count(latency.count())
                .sum(latency.count() * latency.meanNanos() / NANOS)
                .quantiles(
                    Quantiles.builder()
                        .quantile(0.5, latency.p50Nanos() / NANOS)
                        .quantile(0.9, latency.p90Nanos() / NANOS)
                        .quantile(0.99, latency.p99Nanos() / NANOS)
                        .quantile(0.999, latency.p999Nanos() / NANOS)
                        .quantile(0.9999, latency.p9999Nanos() / NANOS)
                        .quantile(1, latency.maxNanos() / NANOS)
                        .build())
                .build())
        .build();
  }
}
