package org.xdp4j.bpf.compiler;

import java.util.BitSet;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;

/**
 * What an instruction costs the JIT, in bytes of bytecode, rather too many than too few. An access
 * to memory is 25 bytes of ours but inlines some 20 methods of the JDK with as many branches:
 *
 * <pre>
 *  beyond about  45 in a method   C1 runs out of registers, so the method is interpreted until C2
 *                                 comes
 *  beyond about 160 in a method   C1 recurses along the method's blocks until its thread's stack
 *                                 overflows, which ends the JVM
 * </pre>
 *
 * The benchmark is {@code org.xdp4j.bench.SplitBenchmark}.
 */
final class Cost {
  /** The most that may be aimed at in a method. */
  static final int LIMIT = 6000;

  private static final int ACCESS = 125;
  private static final int ATOMIC = 200;
  private static final int CALL = 60;
  private static final int DIVISION = 60;

  /** A load or store of what is a local variable or a constant. */
  private static final int LOCAL = 20;

  private Cost() {}

  /** What a function costs as one method. */
  static int of(Code code, FlowGraph graph, StackWords words, Copies copies, Fills fills) {
    BitSet merged = new BitSet();
    copies.instructions().forEach(merged::set);
    fills.instructions().forEach(merged::set);
    int accesses = (copies.accesses() + fills.accesses()) * ACCESS;
    return accesses
        + graph
            .instructions()
            .filter(index -> !merged.get(index))
            .map(index -> words.isLocalAccess(index) ? LOCAL : of(code, index))
            .sum();
  }

  static int of(Code code, int index) {
    Instruction insn = code.at(index);
    return switch (insn.instructionClass()) {
      case Opcode.LD -> 8;
      case Opcode.LDX, Opcode.ST -> code.isContextAccess(index) ? 8 : ACCESS;
      case Opcode.STX -> insn.isAtomic() ? ATOMIC : ACCESS;
      case Opcode.JMP, Opcode.JMP32 -> code.isCall(index) ? CALL : 12;
      default -> {
        int operation = insn.opcode() & 0xf0;
        yield operation == Opcode.DIV || operation == Opcode.MOD ? DIVISION : 10;
      }
    };
  }
}
