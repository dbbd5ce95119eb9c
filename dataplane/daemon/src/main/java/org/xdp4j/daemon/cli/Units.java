package org.xdp4j.daemon.cli;

import java.time.Instant;
import java.util.Locale;

/** Numbers as people read them, the same in every locale. */
final class Units {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private Units() {}

  /** {@code 1,234,567}. */
  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** A count with its noun: {@code 1 frame}, {@code 2 frames}. */
  static String counted(long number, String noun) {
    return count(number) + " " + noun + (number == 1 ? "" : "s");
  }

  /** {@code 12.3 %}; {@code -} of nothing. */
  static String share(long part, long whole) {
    return whole == 0 ? "-" : String.format(Locale.ROOT, "%.1f %%", 100.0 * part / whole);
  }

  /**
   * A figure with three or more significant digits: {@code 0.0123}, {@code 1.23}, {@code 1,234}.
   */
  static String figure(double number) {
    double size = Math.abs(number);
    String format = size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : size >= 0.1 ? "%.2f" : "%.4f";
    return String.format(Locale.ROOT, format, number);
  }

  /** Seconds with a unit that fits: {@code 12.3 ms}, {@code 4.56 s}, {@code 3 min 20 s}. */
  static String duration(long nanos) {
    double seconds = nanos / (double) NANOS_PER_SECOND;
    if (seconds < 1e-3) {
      return figure(seconds * 1e6) + " us";
    }
    if (seconds < 1) {
      return figure(seconds * 1e3) + " ms";
    }
    if (seconds < 120) {
      return figure(seconds) + " s";
    }
    long whole = Math.round(seconds);
    if (whole < 7200) {
      return whole / 60 + " min " + whole % 60 + " s";
    }
    return whole / 3600 + " h " + whole % 3600 / 60 + " min";
  }

  /** A moment given in nanoseconds since 1970, in UTC. */
  static String instant(long nanos) {
    return Instant.ofEpochSecond(
            Math.floorDiv(nanos, NANOS_PER_SECOND), Math.floorMod(nanos, NANOS_PER_SECOND))
        .toString();
  }
}
