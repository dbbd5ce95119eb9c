package org.xdp4j.daemon.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Amounts of memory as people write them: 65536, 64K, 512M, 2GiB. Units are powers of 1024. */
final class ByteSize {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,18})([KMGT]?)(I?B)?");
  private static final String UNITS = "KMGT";

  private ByteSize() {}

  /** Bytes; an option that has none is refused with a sentence. */
  static long parse(String option, String text) throws CliException {
    Matcher matcher = SIZE.matcher(text.strip().toUpperCase(Locale.ROOT));
    if (matcher.matches()) {
      int shift = 10 * (UNITS.indexOf(matcher.group(2)) + (matcher.group(2).isEmpty() ? 0 : 1));
      long number = Long.parseLong(matcher.group(1));
      if (number <= Long.MAX_VALUE >> shift) {
        return number << shift;
      }
    }
    throw CliException.unusable(
        option + " is a number of bytes such as 65536, 64K, 512M or 2G, not '" + text + "'");
  }
}
