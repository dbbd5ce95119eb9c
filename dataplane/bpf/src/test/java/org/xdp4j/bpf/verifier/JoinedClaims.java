package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.interpreter.StepListener;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Instructions;
import org.xdp4j.bpf.isa.Opcode;

/** Holds a run against what a {@link VerifiedProgram} tells the compiler of each instruction. */
final class JoinedClaims implements StepListener {
  private final VerifiedProgram program;
  private final XdpContext context;

  /** Where a comparison that was said to come out one way must lead, -1 for anywhere. */
  private int expected = -1;

  private long numbers;
  private long outcomes;

  JoinedClaims(VerifiedProgram program, XdpContext context) {
    this.program = program;
    this.context = context;
  }

  /** Bounds of numbers, and outcomes of comparisons, that were compared. */
  long compared() {
    return numbers + outcomes;
  }

  void reset() {
    expected = -1;
  }

  @Override
  public void before(int index, long[] registers) {
    if (expected >= 0 && expected != index) {
      throw new PathFollower.Violation(
          "a comparison led to %d, not to %d".formatted(index, expected));
    }
    if (!program.reached(index)) {
      throw new PathFollower.Violation(
          "instruction %d was said not to be reached".formatted(index));
    }
    for (int r = 0; r < 10; r++) {
      NumberRange number = program.number(index, r);
      numbers += number == null ? 0 : 1;
      if (number != null && !number.contains(registers[r])) {
        throw new PathFollower.Violation(
            "instruction %d: r%d = 0x%x is not in %s".formatted(index, r, registers[r], number));
      }
    }
    checkOffset(index, registers);
    expected = expectedAfter(index);
  }

  private int expectedAfter(int index) {
    return switch (program.outcome(index)) {
      case ALWAYS -> {
        outcomes++;
        yield Instructions.jumpTarget(program.program().instructions(), index);
      }
      case NEVER -> {
        outcomes++;
        yield index + 1;
      }
      default -> -1;
    };
  }

  private void checkOffset(int index, long[] registers) {
    int offset = program.offset(index);
    if (offset == VerifiedProgram.UNKNOWN_OFFSET) {
      return;
    }
    Instruction i = program.program().instructions().get(index);
    boolean loads =
        i.instructionClass() == Opcode.LDX || i.isAtomic() && i.imm() == Opcode.LOAD_ACQ;
    long address = registers[loads ? i.src() : i.dst()] + i.offset();
    long base =
        switch (program.kind(index)) {
          case CONTEXT -> context.address;
          case STACK -> registers[10];
          default -> context.data;
        };
    boolean inside =
        program.kind(index) != MemoryKind.PACKET || address + i.accessSize() <= context.dataEnd;
    if (address != base + offset || !inside) {
      throw new PathFollower.Violation(
          "instruction %d: accesses 0x%x, not %s %+d"
              .formatted(index, address, program.kind(index), offset));
    }
  }
}
