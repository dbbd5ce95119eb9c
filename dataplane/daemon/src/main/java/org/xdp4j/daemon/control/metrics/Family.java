package org.xdp4j.daemon.control.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;

/** A metric and its values, one for each combination of labels. */
final class Family {
  private final CounterSnapshot.Builder counter;
  private final GaugeSnapshot.Builder gauge;
  private final String[] labels;

  private Family(CounterSnapshot.Builder counter, GaugeSnapshot.Builder gauge, String[] labels) {
    this.counter = counter;
    this.gauge = gauge;
    this.labels = labels;
  }

  /** Something that only grows; the formats put {@code _total} behind its name. */
  static Family counter(String name, String help, String... labels) {
    return new Family(CounterSnapshot.builder().name(name).help(help), null, labels);
  }

  /** Something that grows and shrinks. */
  static Family gauge(String name, String help, String... labels) {
    return new Family(null, GaugeSnapshot.builder().name(name).help(help), labels);
  }

  /** Adds a value, with a value for each label. */
  Family add(double value, String... labelValues) {
    Labels named = Labels.of(labels, labelValues);
    if (counter != null) {
      counter.dataPoint(
          CounterSnapshot.CounterDataPointSnapshot.builder().value(value).labels(named).build());
    } else {
      gauge.dataPoint(
          GaugeSnapshot.GaugeDataPointSnapshot.builder().value(value).labels(named).build());
    }
    return this;
  }

  MetricSnapshot snapshot() {
    return counter != null ? counter.build() : gauge.build();
  }
}
