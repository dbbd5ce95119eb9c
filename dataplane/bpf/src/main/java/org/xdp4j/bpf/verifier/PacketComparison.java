package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.isa.Opcode;

/**
 * Comparisons that prove packet bounds: of a packet pointer with the packet's end, or of a metadata
 * pointer with the packet's start. Where {@code p + n <= end} holds, n bytes from p's base lie in
 * the packet; where {@code p + n < end}, one more.
 */
final class PacketComparison {
  private final Verification v;

  PacketComparison(Verification v) {
    this.v = v;
  }

  /** Whether an earlier comparison tells how this one comes out. */
  BranchDecision decide(int operation, RegisterState left, RegisterState right) {
    RegisterState pointer;
    int op;
    if (right.kind() == RegisterKind.PACKET_END) {
      pointer = left;
      op = operation;
    } else if (left.kind() == RegisterKind.PACKET_END) {
      pointer = right;
      op = mirrored(operation);
    } else {
      return BranchDecision.EITHER;
    }
    if (pointer.packetRange() >= 0) {
      return BranchDecision.EITHER;
    }
    boolean beyond = pointer.packetRange() == RegisterState.BEYOND_END;
    return switch (op) {
      case Opcode.JGT -> beyond ? BranchDecision.ALWAYS : BranchDecision.EITHER;
      case Opcode.JLE -> beyond ? BranchDecision.NEVER : BranchDecision.EITHER;
      case Opcode.JGE -> BranchDecision.ALWAYS;
      case Opcode.JLT -> BranchDecision.NEVER;
      default -> BranchDecision.EITHER;
    };
  }

  private static int mirrored(int operation) {
    return switch (operation) {
      case Opcode.JGT -> Opcode.JLT;
      case Opcode.JLT -> Opcode.JGT;
      case Opcode.JGE -> Opcode.JLE;
      case Opcode.JLE -> Opcode.JGE;
      default -> operation;
    };
  }

  /** Tells both paths what the comparison proves on each. */
  void learn(int operation, RegisterState left, RegisterState right, VerifierState jumping) {
    if (isBounded(left, right)) {
      learn(operation, left, jumping, v.state);
    } else if (isBounded(right, left)) {
      learn(mirrored(operation), right, jumping, v.state);
    }
  }

  private static boolean isBounded(RegisterState pointer, RegisterState bound) {
    return pointer.kind() == RegisterKind.PACKET && bound.kind() == RegisterKind.PACKET_END
        || pointer.kind() == RegisterKind.PACKET_META && isPacketStart(bound);
  }

  private static boolean isPacketStart(RegisterState r) {
    return r.kind() == RegisterKind.PACKET && r.id() == 0 && r.offset() == 0 && r.range().is(0);
  }

  private static void learn(
      int operation, RegisterState pointer, VerifierState holds, VerifierState fails) {
    switch (operation) {
      case Opcode.JGT -> {
        extend(fails, pointer, false);
        markBehind(holds, pointer, RegisterState.BEYOND_END);
      }
      case Opcode.JGE -> {
        extend(fails, pointer, true);
        markBehind(holds, pointer, RegisterState.AT_END);
      }
      case Opcode.JLT -> {
        extend(holds, pointer, true);
        markBehind(fails, pointer, RegisterState.AT_END);
      }
      case Opcode.JLE -> {
        extend(holds, pointer, false);
        markBehind(fails, pointer, RegisterState.BEYOND_END);
      }
      default -> {
        // Equality proves no bound.
      }
    }
  }

  /** All pointers from the same base may now go up to where {@code pointer} points. */
  private static void extend(VerifierState state, RegisterState pointer, boolean oneMore) {
    int offset = pointer.offset();
    if (offset < 0 || offset == 0 && oneMore) {
      return;
    }
    long most = pointer.range().umax();
    if (Long.compareUnsigned(most, VerifierLimits.PACKET_OFFSET) > 0
        || most + offset > VerifierLimits.PACKET_OFFSET) {
      // Farther than any packet: an addition may have wrapped around.
      return;
    }
    int proved = oneMore ? offset + 1 : offset;
    state.replaceAll(
        r ->
            r.kind() == pointer.kind() && r.id() == pointer.id() && r.packetRange() < proved
                ? r.withPacketRange(proved)
                : r);
  }

  private static void markBehind(VerifierState state, RegisterState pointer, int where) {
    if (pointer.kind() != RegisterKind.PACKET) {
      return;
    }
    RegisterState[] registers = state.registers();
    for (int i = 0; i < registers.length; i++) {
      if (registers[i] == pointer || registers[i].equals(pointer)) {
        registers[i] = registers[i].withPacketRange(where);
      }
    }
  }
}
