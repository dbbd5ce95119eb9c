package org.xdp4j.bpf.isa;

import java.util.Map;
import java.util.regex.Matcher;

/** Registers, numbers and targets in assembly text. */
final class Operands {
  /** A register of either width; its letter and its number are groups. */
  static final String REGISTER = "([rw])(1[0-5]|\\d)";

  /** A number. */
  static final String NUMBER = "[+-]?(?:0x[0-9a-fA-F]+|\\d+)";

  /** A register and a displacement, both groups. */
  static final String ADDRESS = "r(1[0-5]|\\d) ?(?:([+-]) ?(0x[0-9a-fA-F]+|\\d+))?";

  /** A label or a distance. */
  static final String TARGET = "([A-Za-z_.][\\w.]*|[+-](?:0x[0-9a-fA-F]+|\\d+))";

  private final Map<String, Integer> labels;
  private final int index;

  /**
   * @param index the slot of the instruction the operands belong to
   */
  Operands(Map<String, Integer> labels, int index) {
    this.labels = labels;
    this.index = index;
  }

  /** A number of any size up to 64 bits, written signed or unsigned. */
  static long number(String text) {
    boolean negative = text.startsWith("-");
    String digits = negative || text.startsWith("+") ? text.substring(1) : text;
    try {
      long value =
          digits.startsWith("0x")
              ? Long.parseUnsignedLong(digits.substring(2), 16)
              : Long.parseUnsignedLong(digits);
      return negative ? -value : value;
    } catch (NumberFormatException tooLarge) {
      throw new IllegalArgumentException(text + " does not fit into 64 bits");
    }
  }

  /** A signed 32-bit number. */
  static int imm(String text) {
    long value = number(text);
    if (value != (int) value) {
      throw new IllegalArgumentException(text + " does not fit into 32 bits, signed");
    }
    return (int) value;
  }

  /** A signed 16-bit number. */
  static int offset(long value) {
    if (value != (short) value) {
      throw new IllegalArgumentException(value + " does not fit into the 16-bit offset");
    }
    return (int) value;
  }

  /** The displacement of {@link #ADDRESS}, whose sign is group {@code sign}. */
  static int displacement(Matcher matcher, int sign) {
    if (matcher.group(sign) == null) {
      return 0;
    }
    long value = number(matcher.group(sign + 1));
    return offset(matcher.group(sign).equals("-") ? -value : value);
  }

  /** Slots from the next instruction to a target. */
  int distance(String target) {
    if (target.startsWith("+") || target.startsWith("-")) {
      return imm(target);
    }
    Integer at = labels.get(target);
    if (at == null) {
      throw new IllegalArgumentException("there is no label " + target);
    }
    return at - index - 1;
  }
}
