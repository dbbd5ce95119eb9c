package org.xdp4j.bpf.isa;

import static org.xdp4j.bpf.isa.Opcode.*;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Loads and stores in assembly text. */
final class MemorySyntax {
  private static final String TYPE = "\\*\\(([us])(8|16|32|64) ?\\*\\) ?";
  private static final Pattern LOAD =
      Pattern.compile(Operands.REGISTER + " ?= ?" + TYPE + "\\( ?" + Operands.ADDRESS + " ?\\)");
  private static final Pattern STORE =
      Pattern.compile(
          TYPE
              + "\\( ?"
              + Operands.ADDRESS
              + " ?\\) ?= ?(?:"
              + Operands.REGISTER
              + "|("
              + Operands.NUMBER
              + "))");
  private static final Pattern PACKET =
      Pattern.compile(
          "r0 ?= ?\\*\\(u(8|16|32) ?\\*\\) ?skb\\[(?:r(1[0-5]|\\d)|(" + Operands.NUMBER + "))\\]");
  private static final Pattern RAW = Pattern.compile("\\.(?:8byte|quad) (" + Operands.NUMBER + ")");

  private MemorySyntax() {}

  /** The instruction, or null when the text is of another kind. */
  static Instruction parse(String text) {
    Matcher matcher = LOAD.matcher(text);
    if (matcher.matches()) {
      return load(matcher);
    }
    matcher = STORE.matcher(text);
    if (matcher.matches()) {
      return store(matcher);
    }
    matcher = PACKET.matcher(text);
    if (matcher.matches()) {
      int size = size(matcher.group(1));
      return matcher.group(2) == null
          ? new Instruction(LD | ABS | size, 0, 0, 0, Operands.imm(matcher.group(3)))
          : new Instruction(LD | IND | size, 0, Integer.parseInt(matcher.group(2)), 0, 0);
    }
    matcher = RAW.matcher(text);
    return matcher.matches() ? Instruction.decode(Operands.number(matcher.group(1))) : null;
  }

  private static Instruction load(Matcher matcher) {
    boolean signed = matcher.group(3).equals("s");
    int mode = signed ? MEMSX : MEM;
    int size = size(matcher.group(4));
    if (size == DW && (signed || matcher.group(1).equals("w"))) {
      throw new IllegalArgumentException("'" + matcher.group() + "' is no instruction");
    }
    return new Instruction(
        LDX | mode | size,
        Integer.parseInt(matcher.group(2)),
        Integer.parseInt(matcher.group(5)),
        Operands.displacement(matcher, 6),
        0);
  }

  private static Instruction store(Matcher matcher) {
    int size = size(matcher.group(2));
    if (matcher.group(1).equals("s") || size == DW && "w".equals(matcher.group(6))) {
      throw new IllegalArgumentException("'" + matcher.group() + "' is no instruction");
    }
    int dst = Integer.parseInt(matcher.group(3));
    int offset = Operands.displacement(matcher, 4);
    return matcher.group(8) != null
        ? new Instruction(ST | MEM | size, dst, 0, offset, Operands.imm(matcher.group(8)))
        : new Instruction(STX | MEM | size, dst, Integer.parseInt(matcher.group(7)), offset, 0);
  }

  /** The opcode bits of a size in bits. */
  static int size(String bits) {
    return switch (bits) {
      case "8" -> B;
      case "16" -> H;
      case "32" -> W;
      default -> DW;
    };
  }
}
