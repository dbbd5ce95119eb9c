package org.xdp4j.bpf.verifier;

import java.util.Arrays;
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
      return decision == BranchDecision.ALWAYS ? target : next;
    }
    if (left.isScalar() && right.isScalar()) {
      return scalars(instruction, is32, left, right, target, next);
    }
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
      return next;
    }
    if (!self && !passed.isPossible()) {
      requirePrecision(instruction, left, right);
      return target;
    }
    recordLinks(left.id(), instruction.usesSource() ? right.id() : 0);
    VerifierState jumping = v.fork(target);
    if (!self) {
      refine(jumping, instruction, left, right, taken);
      refine(v.state, instruction, left, right, passed);
    }
    return next;
  }

  private void refine(
      VerifierState state,
      Instruction instruction,
      RegisterState left,
      RegisterState right,
      BranchRefinement refinement) {
    RegisterState newLeft = left.withRange(refinement.left());
    RegisterState newRight = right.withRange(refinement.right());
    state.registers()[instruction.dst()] = newLeft;
    if (instruction.usesSource()) {
      state.registers()[instruction.src()] = newRight;
      spread(state, newRight);
    }
    spread(state, newLeft);
  }

  /** Tells every scalar that is linked to {@code known} what is known now. */
  private static void spread(VerifierState state, RegisterState known) {
    if (known.id() == 0) {
      return;
    }
    state.replaceAll(
        r -> r.isScalar() && r.id() == known.id() && r != known ? linked(r, known) : r);
  }

  private static RegisterState linked(RegisterState r, RegisterState known) {
    if (r.offset() == known.offset()) {
      return r.withRange(known.range());
    }
    ScalarRange distance = ScalarRange.constant((long) r.offset() - known.offset());
    return r.withRange(ScalarArithmetic.apply(Opcode.ADD, false, known.range(), distance));
  }

  private void recordLinks(int id, int otherId) {
    if (id == 0 && otherId == 0) {
      return;
    }
    int[] links = new int[16];
    int count = 0;
    for (int f = 0; f < v.state.depth; f++) {
      Frame frame = v.state.frames[f];
      for (int r = 0; r < Frame.REGISTERS; r++) {
        if (isLinked(frame.registers[r], id, otherId)) {
          links = room(links, count);
          links[count++] = Step.register(f, r);
        }
      }
      for (int s = 0; s < frame.slots(); s++) {
        RegisterState spilled = frame.spilled(s);
        if (spilled != null && isLinked(spilled, id, otherId)) {
          links = room(links, count);
          links[count++] = Step.slot(f, s);
        }
      }
    }
    if (count > 1) {
      v.state.history.linked = Arrays.copyOf(links, count);
    }
  }

  private static int[] room(int[] links, int count) {
    return count < links.length ? links : Arrays.copyOf(links, count * 2);
  }

  private static boolean isLinked(RegisterState r, int id, int otherId) {
    return r.isScalar() && r.id() != 0 && (r.id() == id || r.id() == otherId);
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
      if (left.nullable() != right.nullable()) {
        // Equal to one that is not NULL, so it is not NULL either.
        NullCheck.decide(equal, left.nullable() ? left : right, false);
      }
    } else if (instruction.usesSource()) {
      packets.learn(operation, left, right, jumping);
    }
  }
}
