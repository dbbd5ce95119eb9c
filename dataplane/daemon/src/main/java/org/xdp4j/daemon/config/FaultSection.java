package org.xdp4j.daemon.config;

import java.time.Duration;
import org.xdp4j.daemon.config.schema.Key;
import org.xdp4j.daemon.config.schema.Section;
import org.xdp4j.daemon.config.schema.Table;
import org.xdp4j.daemon.config.schema.Values;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.plan.PortPlan.Faults;

/** {@code [port.NAME.faults]}: what goes wrong on the way to a port. */
final class FaultSection {
  private static final long MAX_DELAY = 10_000_000_000L;

  static final Section SECTION =
      Section.table(
          "port.NAME.faults",
          "What goes wrong between the daemon and a port, to see how hosts and programs bear it:"
              + " each a share of frames from 0 to 1, in both directions. For any kind but"
              + " `loopback`.");

  private static final Key<Double> LOSS =
      SECTION.defaulted("loss", Values.SHARE, 0.0, "`0`", "Frames that vanish.");
  private static final Key<Double> DUPLICATE =
      SECTION.defaulted("duplicate", Values.SHARE, 0.0, "`0`", "Frames that come twice.");
  private static final Key<Double> REORDER =
      SECTION.defaulted("reorder", Values.SHARE, 0.0, "`0`", "Frames that later ones overtake.");
  private static final Key<Double> CORRUPT =
      SECTION.defaulted(
          "corrupt", Values.SHARE, 0.0, "`0`", "Frames with a bit the other way round.");
  private static final Key<Long> DELAY =
      SECTION.defaulted(
          "delay", Values.duration(0, MAX_DELAY), 0L, "`0`", "How much later frames come.");
  private static final Key<Long> JITTER =
      SECTION.defaulted(
          "jitter",
          Values.duration(0, MAX_DELAY),
          0L,
          "`0`",
          "How much of the delay is by chance; at most all of it.");
  private static final Key<Long> SEED =
      SECTION.defaulted(
          "seed",
          Values.wholeNumber(Long.MIN_VALUE, Long.MAX_VALUE),
          1L,
          "Of the chance: the same seed, the same faults.");

  private FaultSection() {}

  /** A port with what goes wrong around it, if that is said; null stays null. */
  static PortPlan around(PortPlan port, Table portTable) {
    Table table = portTable.table(SECTION).orElse(null);
    if (table == null || port == null) {
      return port;
    }
    if (port instanceof PortPlan.Loopback) {
      table.report("a loopback port cannot have faults", "give them to another port");
      return port;
    }
    long delay = table.get(DELAY);
    long jitter = table.get(JITTER);
    if (jitter > delay) {
      table.report(JITTER, "is more than all of the delay", "");
    }
    Faults faults =
        new Faults(
            table.get(LOSS),
            table.get(DUPLICATE),
            table.get(REORDER),
            table.get(CORRUPT),
            Duration.ofNanos(delay),
            Duration.ofNanos(jitter),
            table.get(SEED));
    return new PortPlan.Fault(port.settings(), port, faults);
  }
}
