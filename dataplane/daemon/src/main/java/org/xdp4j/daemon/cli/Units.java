package org.xdp4j.daemon.cli;

import java.time.Instant;

/** Numbers as people read them, the same in every locale. */
final class Units {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private Units() {}

  /** {@code 1,234,567}. */
  static String count(long number) {
    // Not String.format: what stands behind it takes longer to start than a small replay runs.
    String digits = Long.toString(number);
    StringBuilder text = new StringBuilder(digits);
    int first = digits.startsWith("-") ? 1 : 0;
    for (int at = digits.length() - 3; at > first; at -= 3) {
      text.insert(at, ',');
    }
    return text.toString();
  }

  /** A count with its noun: {@code 1 frame}, {@code 2 frames}. */
  static String counted(long number, String noun) {
    return count(number) + " " + noun + (number == 1 ? "" : "s");
  }

  /** {@code 12.3 %}; {@code -} of nothing. */
  static String share(long part, long whole) {
    return whole == 0 ? "-" : fixed(100.0 * part / whole, 1) + " %";
  }

  /**
   * A figure with three or more significant digits: {@code 0.0123}, {@code 1.23}, {@code 1,234}.
   */
  static String figure(double number) {
    double size = Math.abs(number);
    return fixed(number, size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 4);
  }

  /** Rounded to so many decimals, at most {@code 9}. */
  private static String fixed(double number, int decimals) {
    long scale = 1;
    for (int i = 0; i < decimals; i++) {
      scale *= 10;
    }
    long scaled = Math.round(Math.abs(number) * scale);
    String sign = number < 0 && scaled != 0 ? "-" : "";
    if (decimals == 0) {
      return sign + count(scaled);
    }
    String fraction = Long.toString(scaled % scale + scale).substring(1);
    return sign + count(scaled / scale) + "." + fraction;
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
