package org.xdp4j.bpf.generate;

import java.util.stream.IntStream;
import org.xdp4j.bpf.isa.Opcode;

/** The operations of RFC 9669 that generated programs choose among. Nobody writes to the arrays. */
public final class Operations {
  /** Arithmetic with two operands (RFC 9669, section 4.1). */
  public static final int[] ARITHMETIC = {
    Opcode.ADD,
    Opcode.SUB,
    Opcode.MUL,
    Opcode.DIV,
    Opcode.OR,
    Opcode.AND,
    Opcode.LSH,
    Opcode.RSH,
    Opcode.MOD,
    Opcode.XOR,
    Opcode.ARSH
  };

  /** The same and moves, in the order of their numbers. */
  static final int[] WITH_MOVES =
      IntStream.concat(IntStream.of(ARITHMETIC), IntStream.of(Opcode.MOV)).sorted().toArray();

  /** Conditions of jumps (RFC 9669, section 4.3). */
  public static final int[] COMPARISONS = {
    Opcode.JEQ,
    Opcode.JGT,
    Opcode.JGE,
    Opcode.JSET,
    Opcode.JNE,
    Opcode.JSGT,
    Opcode.JSGE,
    Opcode.JLT,
    Opcode.JLE,
    Opcode.JSLT,
    Opcode.JSLE
  };

  private Operations() {}
}
