package org.xdp4j.bpf.isa;

import static org.xdp4j.bpf.isa.Opcode.*;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** LDDW in assembly text. */
final class WideSyntax {
  private static final String DST = "r(1[0-5]|\\d) ?= ?";
  private static final Pattern CONSTANT = Pattern.compile(DST + "(" + Operands.NUMBER + ") ?ll");
  private static final Pattern MAP = Pattern.compile(DST + "map\\[(\\d+)\\] ?(?:\\+ ?(\\w+) )?ll");
  private static final Pattern FUNCTION = Pattern.compile(DST + "& ?" + Operands.TARGET + " ?ll");
  private static final Pattern PSEUDO =
      Pattern.compile(
          "ld_pseudo r(1[0-5]|\\d), ?(" + Operands.NUMBER + "), ?(" + Operands.NUMBER + ")");

  private WideSyntax() {}

  /** Whether the statement takes two slots. */
  static boolean isWide(String text) {
    return text.endsWith("ll") && text.contains("=") || text.startsWith("ld_pseudo ");
  }

  /** Both slots. */
  static List<Instruction> parse(String text, Operands operands) {
    Matcher matcher = CONSTANT.matcher(text);
    if (matcher.matches()) {
      return slots(matcher, 0, Operands.number(matcher.group(2)));
    }
    matcher = MAP.matcher(text);
    if (matcher.matches()) {
      long map = Operands.number(matcher.group(2));
      return matcher.group(3) == null
          ? slots(matcher, PSEUDO_MAP_IDX, map)
          : slots(matcher, PSEUDO_MAP_IDX_VALUE, map | Operands.number(matcher.group(3)) << 32);
    }
    matcher = FUNCTION.matcher(text);
    if (matcher.matches()) {
      return slots(matcher, PSEUDO_FUNC, operands.distance(matcher.group(2)) & 0xffffffffL);
    }
    matcher = PSEUDO.matcher(text);
    if (matcher.matches()) {
      int kind = Operands.imm(matcher.group(2)) & 0xf;
      return slots(matcher, kind, Operands.number(matcher.group(3)) & 0xffffffffL);
    }
    throw new IllegalArgumentException("'" + text + "' is no instruction");
  }

  private static List<Instruction> slots(Matcher matcher, int src, long constant) {
    int dst = Integer.parseInt(matcher.group(1));
    return List.of(
        new Instruction(LDDW, dst, src, 0, (int) constant),
        new Instruction(0, 0, 0, 0, (int) (constant >>> 32)));
  }
}
