package org.xdp4j.daemon.config.schema;

import java.math.BigDecimal;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Numbers with units: {@code "64 MiB"}, {@code "1.5 s"}, {@code "100 Mbit/s"}. A bare number is of
 * the base unit.
 *
 * @param base the base unit, for people
 * @param units what each unit is in base units
 */
record Quantity(String base, Map<String, Long> units) {
  private static final Pattern TEXT = Pattern.compile("([0-9]{1,18}(?:\\.[0-9]{1,9})?)\\s*(\\S*)");

  /** Bytes; KiB, MiB and GiB are powers of 1024 (IEC 80000-13). */
  static final Quantity BYTES =
      new Quantity(
          "bytes",
          Map.of("B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30, "TiB", 1L << 40));

  /** Nanoseconds. */
  static final Quantity TIME =
      new Quantity(
          "nanoseconds",
          Map.of(
              "ns",
              1L,
              "us",
              1_000L,
              "ms",
              1_000_000L,
              "s",
              1_000_000_000L,
              "min",
              60_000_000_000L));

  /** Bits a second; k, M and G are powers of 1000. */
  static final Quantity BIT_RATE =
      new Quantity(
          "bits a second",
          Map.of("bit/s", 1L, "kbit/s", 1_000L, "Mbit/s", 1_000_000L, "Gbit/s", 1_000_000_000L));

  /** Frames a second. */
  static final Quantity FRAME_RATE =
      new Quantity("frames a second", Map.of("pps", 1L, "kpps", 1_000L, "Mpps", 1_000_000L));

  ValueType<Long> type(String description, long first, long last) {
    return new ValueType<>(
        description,
        (written, problems) -> {
          long value = read(written.value(), description);
          if (value < first || value > last) {
            throw new BadValueException(
                "is " + format(value) + ", but can be " + format(first) + " to " + format(last));
          }
          return value;
        });
  }

  private long read(Object value, String description) throws BadValueException {
    if (value instanceof Long number) {
      return number;
    }
    if (!(value instanceof String text)) {
      throw ValueType.wrong(description, value);
    }
    Matcher matcher = TEXT.matcher(text.strip());
    if (!matcher.matches()) {
      throw new BadValueException(
          "\"" + Toml.shorten(text) + "\" is no " + description, "write it like " + example());
    }
    String unit = matcher.group(2);
    Long factor = unit.isEmpty() ? Long.valueOf(1) : units.get(unit);
    if (factor == null) {
      throw new BadValueException(
          "\"" + Toml.shorten(unit) + "\" is no unit of it", Suggestion.of(unit, units.keySet()));
    }
    try {
      return new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(factor)).longValueExact();
    } catch (ArithmeticException e) {
      throw new BadValueException("\"" + Toml.shorten(text) + "\" is no whole number of " + base);
    }
  }

  private String example() {
    return "\"10 " + largest(10_000_000L) + "\"";
  }

  private String largest(long value) {
    String best = "";
    long factor = 0;
    for (Map.Entry<String, Long> each : new TreeMap<>(units).entrySet()) {
      if (each.getValue() <= value && each.getValue() > factor) {
        best = each.getKey();
        factor = each.getValue();
      }
    }
    return best;
  }

  /** In the largest unit of which there is a whole number. */
  String format(long value) {
    String best = "";
    long factor = 0;
    for (Map.Entry<String, Long> each : units.entrySet()) {
      long unit = each.getValue();
      if (unit > factor && (value == 0 ? unit == 1 : value % unit == 0)) {
        best = each.getKey();
        factor = unit;
      }
    }
    return value / Math.max(1, factor) + (best.isEmpty() ? "" : " " + best);
  }
}
