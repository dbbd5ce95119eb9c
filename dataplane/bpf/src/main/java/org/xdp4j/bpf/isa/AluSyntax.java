package org.xdp4j.bpf.isa;

import static org.xdp4j.bpf.isa.Opcode.*;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Arithmetic in assembly text. */
final class AluSyntax {
  private static final Pattern OPERATION =
      Pattern.compile(
          Operands.REGISTER
              + " ?(s?(?:\\+|-|\\*|/|%|\\||&|\\^|<<|>>)?=) ?(?:\\(s(8|16|32)\\) ?)?(?:"
              + Operands.REGISTER
              + "|("
              + Operands.NUMBER
              + "))");
  private static final Pattern NEGATION =
      Pattern.compile(Operands.REGISTER + " ?= ?- ?" + Operands.REGISTER);
  private static final Pattern SWAP =
      Pattern.compile("r(1[0-5]|\\d) ?= ?(le|be|bswap)(16|32|64) r(1[0-5]|\\d)");
  private static final Pattern CAST =
      Pattern.compile("r(1[0-5]|\\d) ?= ?addr_space_cast\\(r(1[0-5]|\\d), ?(\\w+), ?(\\w+)\\)");
  private static final Map<String, Integer> OPERATORS =
      Map.ofEntries(
          Map.entry("+=", ADD),
          Map.entry("-=", SUB),
          Map.entry("*=", MUL),
          Map.entry("/=", DIV),
          Map.entry("s/=", DIV),
          Map.entry("%=", MOD),
          Map.entry("s%=", MOD),
          Map.entry("|=", OR),
          Map.entry("&=", AND),
          Map.entry("^=", XOR),
          Map.entry("<<=", LSH),
          Map.entry(">>=", RSH),
          Map.entry("s>>=", ARSH),
          Map.entry("=", MOV));

  private AluSyntax() {}

  /** The instruction, or null when the text is of another kind. */
  static Instruction parse(String text) {
    Matcher matcher = OPERATION.matcher(text);
    if (matcher.matches()) {
      return operation(matcher);
    }
    matcher = NEGATION.matcher(text);
    if (matcher.matches()) {
      same(matcher.group(1) + matcher.group(2), matcher.group(3) + matcher.group(4));
      int type = matcher.group(1).equals("r") ? ALU64 : ALU;
      return new Instruction(type | NEG, Integer.parseInt(matcher.group(2)), 0, 0, 0);
    }
    matcher = SWAP.matcher(text);
    if (matcher.matches()) {
      return swap(matcher);
    }
    matcher = CAST.matcher(text);
    return matcher.matches() ? cast(matcher) : null;
  }

  private static Instruction operation(Matcher matcher) {
    String operator = matcher.group(3);
    Integer operation = OPERATORS.get(operator);
    boolean extend = matcher.group(4) != null;
    if (operation == null || extend && (operation != MOV || matcher.group(6) == null)) {
      throw new IllegalArgumentException("'" + matcher.group() + "' is no instruction");
    }
    int opcode = operation | (matcher.group(1).equals("r") ? ALU64 : ALU);
    int dst = Integer.parseInt(matcher.group(2));
    boolean signed = operator.equals("s/=") || operator.equals("s%=");
    int offset = extend ? Integer.parseInt(matcher.group(4)) : signed ? 1 : 0;
    if (matcher.group(7) != null) {
      return new Instruction(opcode, dst, 0, offset, Operands.imm(matcher.group(7)));
    }
    same(matcher.group(1), matcher.group(5));
    return new Instruction(opcode | X, dst, Integer.parseInt(matcher.group(6)), offset, 0);
  }

  private static Instruction swap(Matcher matcher) {
    same(matcher.group(1), matcher.group(4));
    int opcode =
        switch (matcher.group(2)) {
          case "le" -> ALU | END;
          case "be" -> ALU | END | X;
          default -> ALU64 | END;
        };
    int width = Integer.parseInt(matcher.group(3));
    return new Instruction(opcode, Integer.parseInt(matcher.group(1)), 0, 0, width);
  }

  private static Instruction cast(Matcher matcher) {
    int spaces = Operands.imm(matcher.group(3)) << 16 | Operands.imm(matcher.group(4)) & 0xffff;
    int dst = Integer.parseInt(matcher.group(1));
    return new Instruction(ALU64 | MOV | X, dst, Integer.parseInt(matcher.group(2)), 1, spaces);
  }

  private static void same(String left, String right) {
    if (!left.equals(right)) {
      throw new IllegalArgumentException(left + " and " + right + " do not go together");
    }
  }
}
