package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.MapType;

/**
 * Arithmetic with a pointer: adding a number to it, subtracting one from it, and subtracting a
 * pointer from a pointer; nothing else has a meaning.
 */
final class PointerArithmetic {
  private final Verification v;

  PointerArithmetic(Verification v) {
    this.v = v;
  }

  void combine(Instruction instruction, boolean is32, RegisterState left, RegisterState right)
      throws VerifierException {
    int dst = instruction.dst();
    int operation = instruction.operation();
    if (left.isPointer() && right.isPointer()) {
      if (operation != Opcode.SUB) {
        throw v.refuse(
            Cause.POINTER_ARITHMETIC,
            -1,
            "r"
                + dst
                + " is "
                + left.describe()
                + " and r"
                + instruction.src()
                + " is "
                + right.describe()
                + "; two pointers can only be subtracted");
      }
      v.write(dst, RegisterState.UNKNOWN);
      return;
    }
    RegisterState pointer = left.isPointer() ? left : right;
    RegisterState number = left.isPointer() ? right : left;
    int pointerRegister = left.isPointer() ? dst : instruction.src();
    if (instruction.usesSource()) {
      v.precision.require(left.isPointer() ? instruction.src() : dst);
    }
    if (is32) {
      subtract32(dst, pointerRegister, operation, pointer);
      return;
    }
    if (pointer.isAnyMemory()) {
      // As in Linux: it is read with care wherever it leads, so nobody asks what is done to it.
      v.write(dst, left.isPointer() ? pointer : RegisterState.UNKNOWN);
      return;
    }
    checkOperation(pointerRegister, operation, pointer, number, left.isPointer());
    v.write(dst, moved(dst, pointer, number, operation == Opcode.SUB));
  }

  /**
   * A difference of which one side is a pointer's lower half: clang takes lengths this way ({@code
   * w1 = w2; w1 -= w3}), and what comes out is a number, whichever side the pointer is on.
   */
  private void subtract32(int dst, int register, int operation, RegisterState pointer)
      throws VerifierException {
    if (operation != Opcode.SUB) {
      throw v.refuse(
          Cause.POINTER_ARITHMETIC,
          -1,
          "r"
              + register
              + " is "
              + pointer.describe()
              + "; 32-bit arithmetic would cut the pointer off");
    }
    v.write(dst, RegisterState.UNKNOWN);
  }

  private void checkOperation(
      int register, int operation, RegisterState pointer, RegisterState number, boolean onLeft)
      throws VerifierException {
    if (pointer.nullable()) {
      throw v.refuse(
          Cause.NULL_NOT_CHECKED,
          register,
          is(register, pointer) + "; compare it with 0 before doing arithmetic on it");
    }
    boolean addsZero = operation == Opcode.ADD && number.range().is(0);
    boolean movable =
        switch (pointer.kind()) {
          case PACKET_END, SOCKET, SOCK_COMMON -> false;
          case MAP -> addsZero;
          case MAP_VALUE -> pointer.map().type() != MapType.XSKMAP;
          default -> true;
        };
    if (!movable) {
      throw v.refuse(
          Cause.POINTER_ARITHMETIC,
          register,
          is(register, pointer) + ", which no arithmetic is allowed on");
    }
    if (operation != Opcode.ADD && operation != Opcode.SUB) {
      throw v.refuse(
          Cause.POINTER_ARITHMETIC,
          register,
          is(register, pointer) + "; only numbers can be added to a pointer or subtracted from it");
    }
    if (operation == Opcode.SUB) {
      if (!onLeft) {
        throw v.refuse(
            Cause.POINTER_ARITHMETIC,
            register,
            is(register, pointer) + "; a pointer cannot be subtracted from a number");
      }
      if (pointer.kind() == RegisterKind.STACK) {
        throw v.refuse(
            Cause.POINTER_ARITHMETIC,
            register,
            is(register, pointer)
                + "; numbers can be added to a stack pointer, not subtracted from it");
      }
    }
  }

  private RegisterState moved(int dst, RegisterState from, RegisterState number, boolean subtract)
      throws VerifierException {
    ScalarRange by = number.range();
    checkSane(dst, from, by);
    // What lies behind the packet's end may not do so once moved.
    RegisterState pointer = from.packetRange() < 0 ? from.withPacketRange(0) : from;
    RegisterState moved;
    if (by.isConstant()) {
      long offset = subtract ? pointer.offset() - by.value() : pointer.offset() + by.value();
      if (offset == (int) offset) {
        moved = pointer.withOffset((int) offset);
        checkSaneResult(dst, moved);
        return moved;
      }
    }
    ScalarRange range =
        ScalarArithmetic.apply(subtract ? Opcode.SUB : Opcode.ADD, false, pointer.range(), by);
    moved = pointer.withRange(range);
    if (pointer.kind().isPacket()) {
      moved = moved.withId(v.newId());
      // Subtracting what may be negative may move it up, so nothing is known of its end; adding
      // moves it up in any case.
      if (!subtract || by.smin() < 0) {
        moved = moved.withPacketRange(0);
      }
    }
    checkSaneResult(dst, moved);
    return moved;
  }

  private void checkSane(int dst, RegisterState pointer, ScalarRange by) throws VerifierException {
    long limit = VerifierLimits.VARIABLE_OFFSET;
    if (by.isConstant() && (by.value() >= limit || by.value() <= -limit)) {
      throw v.refuse(
          Cause.UNBOUNDED_INDEX,
          -1,
          "r" + dst + " would be the sum of " + sum(pointer, by) + ", which is out of any bounds");
    }
    if (by.smin() == Long.MIN_VALUE) {
      throw v.refuse(
          Cause.UNBOUNDED_INDEX,
          -1,
          "r"
              + dst
              + " would be the sum of "
              + sum(pointer, by)
              + ", which has no lower bound; check it first");
    }
    if (by.smin() >= limit || by.smin() <= -limit) {
      throw v.refuse(
          Cause.UNBOUNDED_INDEX,
          -1,
          "r" + dst + " would be the sum of " + sum(pointer, by) + ", which is out of any bounds");
    }
  }

  private void checkSaneResult(int dst, RegisterState moved) throws VerifierException {
    long limit = VerifierLimits.VARIABLE_OFFSET;
    ScalarRange range = moved.range();
    boolean sane =
        moved.offset() < limit
            && moved.offset() > -limit
            && range.smin() < limit
            && range.smin() > -limit;
    if (!sane) {
      throw v.refuse(
          Cause.UNBOUNDED_INDEX,
          -1,
          "r" + dst + " would be " + moved.describe() + ", which is out of any bounds");
    }
  }

  private static String is(int register, RegisterState pointer) {
    return "r" + register + " is " + pointer.describe();
  }

  private static String sum(RegisterState pointer, ScalarRange by) {
    return pointer.describe() + " and a number (" + by + ")";
  }
}
