package org.xdp4j.daemon.config;

import org.xdp4j.daemon.config.schema.Key;
import org.xdp4j.daemon.config.schema.Section;
import org.xdp4j.daemon.config.schema.ValueType;
import org.xdp4j.daemon.config.schema.Values;
import org.xdp4j.engine.port.Pace;

/** {@code pace}, which several kinds of ports have. */
final class PaceKey {
  private static final long MAX_RATE = 1_000_000_000L;

  private PaceKey() {}

  /**
   * Adds it to a section.
   *
   * @param timestamps whether frames have timestamps to go by
   */
  static Key<Pace> in(Section section, boolean timestamps) {
    ValueType<Long> rate = Values.frameRate(1, MAX_RATE);
    ValueType<Pace> type =
        new ValueType<>(
            "\"unlimited\"" + (timestamps ? ", \"timestamps\"" : "") + " or a frame rate",
            (written, problems) -> {
              if ("unlimited".equals(written.value())) {
                return new Pace.Unlimited();
              }
              return timestamps && "timestamps".equals(written.value())
                  ? new Pace.Timestamps(1)
                  : new Pace.Rate(rate.reader().read(written, problems));
            });
    return section.defaulted(
        "pace",
        type,
        timestamps ? new Pace.Timestamps(1) : new Pace.Unlimited(),
        timestamps ? "`\"timestamps\"`" : "`\"unlimited\"`",
        "How fast frames come: as fast as they are taken, "
            + (timestamps ? "as their timestamps say, " : "")
            + "or so many a second, as in `\"100 kpps\"`.");
  }
}
