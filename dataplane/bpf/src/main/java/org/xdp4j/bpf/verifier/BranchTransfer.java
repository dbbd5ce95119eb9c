package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;

/** What comparisons teach on the path that jumps and on the one that does not. */
final class BranchTransfer {
  private final Verification v;
  private final PacketComparison packets;

  BranchTransfer(Verification v) {
    this.v = v;
    this.packets = new PacketComparison(v);
  }

  /**
   * Follows a comparison.
   *
   * @return the instruction to go on with; the other path, if both are possible, waits
   */
  int execute(Instruction instruction) throws VerifierException {
    int target = v.index + 1 + instruction.jumpOffset();
    int next = v.index + 1;
    boolean is32 = instruction.instructionClass() == Opcode.JMP32;
    RegisterState left = v.read(instruction.dst());
    RegisterState right =
        instruction.usesSource()
            ? v.read(instruction.src())
            : RegisterState.constant(instruction.imm());
    BranchDecision decision = decide(instruction.operation(), is32, left, right);
    if (decision != BranchDecision.EITHER) {
      requirePrecision(instruction, left, right);
      v.facts.branch(v.index, decision == BranchDecision.ALWAYS, decision == BranchDecision.NEVER);
      return decision == BranchDecision.ALWAYS ? target : next;
    }
    if (left.isScalar() && right.isScalar()) {
      return scalars(instruction, is32, left, right, target, next);
    }
    v.facts.branch(v.index, true, true);
    VerifierState jumping = v.fork(target);
    if (!is32) {
      pointers(instruction, left, right, jumping);
    }
    return next;
  }

  private BranchDecision decide(
      int operation, boolean is32, RegisterState left, RegisterState right) {
    if (left.isScalar() && right.isScalar()) {
      return BranchDecision.of(operation, is32, left.range(), right.range());
    }
    if (!is32 && left.kind().isPacketOrEnd() && right.kind().isPacketOrEnd()) {
      return packets.decide(operation, left, right);
    }
    boolean equality = operation == Opcode.JEQ || operation == Opcode.JNE;
    if (equality && !is32 && right.isNull() && left.isNotNull()) {
      return operation == Opcode.JEQ ? BranchDecision.NEVER : BranchDecision.ALWAYS;
    }
    return BranchDecision.EITHER;
  }

  private void requirePrecision(Instruction instruction, RegisterState left, RegisterState right) {
    if (left.isScalar()) {
      v.precision.require(instruction.dst());
    }
    if (instruction.usesSource() && right.isScalar()) {
      v.precision.require(instruction.src());
    }
  }

  private int scalars(
      Instruction instruction,
      boolean is32,
      RegisterState left,
      RegisterState right,
      int target,
      int next)
      throws VerifierException {
    int operation = instruction.operation();
    boolean self = instruction.usesSource() && instruction.dst() == instruction.src();
    BranchRefinement taken =
        BranchRefinement.of(operation, true, is32, left.range(), right.range());
    BranchRefinement passed =
        BranchRefinement.of(operation, false, is32, left.range(), right.range());
    if (!self && !taken.isPossible()) {
      requirePrecision(instruction, left, right);
      v.facts.branch(v.index, false, true);
      return next;
    }
    if (!self && !passed.isPossible()) {
      requirePrecision(instruction, left, right);
      v.facts.branch(v.index, true, false);
      return target;
    }
    LinkedScalars links = links(instruction, left, right);
    v.facts.branch(v.index, true, true);
    VerifierState jumping = v.fork(target);
    if (!self) {
      refine(jumping, instruction, taken, links);
      refine(v.state, instruction, passed, links);
    }
    return next;
  }

  private LinkedScalars links(Instruction instruction, RegisterState left, RegisterState right) {
    LinkedScalars links = new LinkedScalars();
    int rightId = instruction.usesSource() ? right.id() : 0;
    if (rightId != 0) {
      links.collect(v.state, rightId);
    }
    if (left.id() != 0 && left.id() != rightId) {
      links.collect(v.state, left.id());
    }
    v.state.history.linked = links.places();
    return links;
  }

  private static void refine(
      VerifierState state,
      Instruction instruction,
      BranchRefinement refinement,
      LinkedScalars links) {
    RegisterState[] registers = state.registers();
    RegisterState left = registers[instruction.dst()].withRange(refinement.left());
    if (instruction.usesSource()) {
      RegisterState right = registers[instruction.src()].withRange(refinement.right());
      registers[instruction.dst()] = left;
      registers[instruction.src()] = right;
      links.spread(state, right);
    } else {
      registers[instruction.dst()] = left;
    }
    links.spread(state, left);
  }

  private void pointers(
      Instruction instruction, RegisterState left, RegisterState right, VerifierState jumping)
      throws VerifierException {
    int operation = instruction.operation();
    boolean equality = operation == Opcode.JEQ || operation == Opcode.JNE;
    VerifierState equal = operation == Opcode.JEQ ? jumping : v.state;
    VerifierState different = operation == Opcode.JEQ ? v.state : jumping;
    if (equality && !instruction.usesSource() && instruction.imm() == 0 && left.nullable()) {
      NullCheck.decide(equal, left, true);
      NullCheck.decide(different, left, false);
    } else if (equality && left.isPointer() && right.isPointer()) {
      if (left.nullable() != right.nullable() && tellsNull(left) && tellsNull(right)) {
        // Equal to one that is not NULL, so it is not NULL either.
        NullCheck.decide(equal, left.nullable() ? left : right, false);
      }
    } else if (instruction.usesSource()) {
      packets.learn(operation, left, right, jumping);
    }
  }

  /**
   * Whether a pointer that is not marked as nullable is never 0. One into an arena is any number,
   * and those to structures and objects are 0 where there is nothing behind them: they may be used
   * unchecked only because reading there gives 0.
   */
  private static boolean tellsNull(RegisterState pointer) {
    return switch (pointer.kind()) {
      case ARENA, KERNEL_STRUCT, OBJECT -> false;
      default -> true;
    };
  }
}
