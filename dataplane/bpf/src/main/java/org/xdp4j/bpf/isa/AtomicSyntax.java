package org.xdp4j.bpf.isa;

import static org.xdp4j.bpf.isa.Opcode.*;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Atomic operations in assembly text. */
final class AtomicSyntax {
  private static final String TYPED =
      "\\( ?\\( ?u(8|16|32|64) ?\\* ?\\) ?\\( ?" + Operands.ADDRESS + " ?\\)";
  private static final Pattern LOCK =
      Pattern.compile(
          "lock \\*\\(u(32|64) ?\\*\\) ?\\( ?"
              + Operands.ADDRESS
              + " ?\\) ?([+|&^])= ?"
              + Operands.REGISTER);
  private static final Pattern FETCHING =
      Pattern.compile(
          Operands.REGISTER
              + " ?= ?atomic_fetch_(add|or|and|xor) ?"
              + TYPED
              + ", ?"
              + Operands.REGISTER
              + " ?\\)");
  private static final Pattern EXCHANGE =
      Pattern.compile(
          Operands.REGISTER
              + " ?= ?xchg(?:_64|32_32) ?\\( ?"
              + Operands.ADDRESS
              + ", ?"
              + Operands.REGISTER
              + " ?\\)");
  private static final Pattern COMPARE =
      Pattern.compile(
          "([rw])0 ?= ?cmpxchg(?:_64|32_32) ?\\( ?"
              + Operands.ADDRESS
              + ", ?\\1(0), ?\\1(1[0-5]|\\d) ?\\)");
  private static final Pattern ACQUIRE =
      Pattern.compile(Operands.REGISTER + " ?= ?load_acquire ?" + TYPED + " ?\\)");
  private static final Pattern RELEASE =
      Pattern.compile("store_release ?" + TYPED + ", ?" + Operands.REGISTER + " ?\\)");

  private AtomicSyntax() {}

  /** The instruction, or null when the text is of another kind. */
  static Instruction parse(String text) {
    Matcher m = LOCK.matcher(text);
    if (m.matches()) {
      return cell(m.group(1), m, 2, m.group(7), operation(m.group(5)));
    }
    m = FETCHING.matcher(text);
    if (m.matches()) {
      same(m, m.group(1) + m.group(2), m.group(8) + m.group(9));
      return cell(m.group(4), m, 5, m.group(9), operation(m.group(3)) | FETCH);
    }
    m = EXCHANGE.matcher(text);
    if (m.matches()) {
      same(m, m.group(1) + m.group(2), m.group(6) + m.group(7));
      return cell(bits(m.group(1)), m, 3, m.group(7), XCHG);
    }
    m = COMPARE.matcher(text);
    if (m.matches()) {
      return cell(bits(m.group(1)), m, 2, m.group(6), CMPXCHG);
    }
    return ordered(text);
  }

  private static Instruction ordered(String text) {
    Matcher m = ACQUIRE.matcher(text);
    if (m.matches()) {
      return new Instruction(
          STX | ATOMIC | MemorySyntax.size(m.group(3)),
          Integer.parseInt(m.group(2)),
          Integer.parseInt(m.group(4)),
          Operands.displacement(m, 5),
          LOAD_ACQ);
    }
    m = RELEASE.matcher(text);
    return m.matches() ? cell(m.group(1), m, 2, m.group(6), STORE_REL) : null;
  }

  /** An operation on the address in the groups from {@code address} on. */
  private static Instruction cell(
      String bits, Matcher matcher, int address, String src, int operation) {
    return new Instruction(
        STX | ATOMIC | MemorySyntax.size(bits),
        Integer.parseInt(matcher.group(address)),
        Integer.parseInt(src),
        Operands.displacement(matcher, address + 1),
        operation);
  }

  private static String bits(String letter) {
    return letter.equals("w") ? "32" : "64";
  }

  private static int operation(String name) {
    return switch (name) {
      case "+", "add" -> ADD;
      case "|", "or" -> OR;
      case "&", "and" -> AND;
      default -> XOR;
    };
  }

  private static void same(Matcher matcher, String left, String right) {
    if (!left.equals(right)) {
      throw new IllegalArgumentException(
          "'" + matcher.group() + "' has " + left + " on one side and " + right + " on the other");
    }
  }
}
