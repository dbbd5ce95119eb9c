package org.xdp4j.bpf.isa;

import static org.xdp4j.bpf.isa.Opcode.*;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Jumps and calls in assembly text. */
final class JumpSyntax {
  private static final Pattern GOTO = Pattern.compile("(goto|gotol|may_goto) " + Operands.TARGET);
  private static final Pattern IF =
      Pattern.compile(
          "if ([rw])(1[0-5]|\\d) ?([=!<>&s]+) ?(?:"
              + Operands.REGISTER
              + "|("
              + Operands.NUMBER
              + ")) goto "
              + Operands.TARGET);
  private static final Pattern HELPER = Pattern.compile("call (-?(?:0x[0-9a-fA-F]+|\\d+))");
  private static final Pattern SUBPROGRAM = Pattern.compile("call " + Operands.TARGET);
  private static final Pattern CALLX = Pattern.compile("callx r(1[0-5]|\\d)");
  private static final Map<String, Integer> COMPARISONS =
      Map.ofEntries(
          Map.entry("==", JEQ),
          Map.entry("!=", JNE),
          Map.entry("&", JSET),
          Map.entry(">", JGT),
          Map.entry(">=", JGE),
          Map.entry("<", JLT),
          Map.entry("<=", JLE),
          Map.entry("s>", JSGT),
          Map.entry("s>=", JSGE),
          Map.entry("s<", JSLT),
          Map.entry("s<=", JSLE));

  private JumpSyntax() {}

  /** The instruction, or null when the text is of another kind. */
  static Instruction parse(String text, Operands operands) {
    if (text.equals("exit")) {
      return new Instruction(JMP | EXIT, 0, 0, 0, 0);
    }
    Matcher matcher = GOTO.matcher(text);
    if (matcher.matches()) {
      int distance = operands.distance(matcher.group(2));
      return switch (matcher.group(1)) {
        case "gotol" -> new Instruction(JMP32 | JA, 0, 0, 0, distance);
        case "goto" -> new Instruction(JMP | JA, 0, 0, Operands.offset(distance), 0);
        default -> new Instruction(JMP | JCOND, 0, 0, Operands.offset(distance), 0);
      };
    }
    matcher = IF.matcher(text);
    return matcher.matches() ? comparison(matcher, operands) : call(text, operands);
  }

  private static Instruction call(String text, Operands operands) {
    Matcher matcher = HELPER.matcher(text);
    if (matcher.matches()) {
      return new Instruction(JMP | CALL, 0, 0, 0, Operands.imm(matcher.group(1)));
    }
    matcher = SUBPROGRAM.matcher(text);
    if (matcher.matches()) {
      return new Instruction(JMP | CALL, 0, PSEUDO_CALL, 0, operands.distance(matcher.group(1)));
    }
    matcher = CALLX.matcher(text);
    return matcher.matches()
        ? new Instruction(JMP | CALL | X, Integer.parseInt(matcher.group(1)), 0, 0, 0)
        : null;
  }

  private static Instruction comparison(Matcher matcher, Operands operands) {
    Integer operation = COMPARISONS.get(matcher.group(3));
    if (operation == null) {
      throw new IllegalArgumentException("'" + matcher.group(3) + "' is no comparison");
    }
    int opcode = operation | (matcher.group(1).equals("r") ? JMP : JMP32);
    int dst = Integer.parseInt(matcher.group(2));
    int offset = Operands.offset(operands.distance(matcher.group(7)));
    if (matcher.group(6) != null) {
      return new Instruction(opcode, dst, 0, offset, Operands.imm(matcher.group(6)));
    }
    if (!matcher.group(4).equals(matcher.group(1))) {
      throw new IllegalArgumentException("the registers compared are of different widths");
    }
    return new Instruction(opcode | X, dst, Integer.parseInt(matcher.group(5)), offset, 0);
  }
}
