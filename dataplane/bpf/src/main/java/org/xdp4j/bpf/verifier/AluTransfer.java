package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;

/** What arithmetic instructions do to registers (RFC 9669, section 4). */
final class AluTransfer {
  private final Verification v;
  private final PointerArithmetic pointers;

  AluTransfer(Verification v) {
    this.v = v;
    this.pointers = new PointerArithmetic(v);
  }

  void execute(Instruction instruction) throws VerifierException {
    boolean is32 = instruction.instructionClass() == Opcode.ALU;
    switch (instruction.operation()) {
      case Opcode.MOV -> move(instruction, is32);
      case Opcode.END -> swapBytes(instruction, is32);
      case Opcode.NEG -> negate(instruction, is32);
      default -> combine(instruction, is32);
    }
  }

  private void move(Instruction instruction, boolean is32) throws VerifierException {
    int dst = instruction.dst();
    if (!instruction.usesSource()) {
      long constant = is32 ? instruction.imm() & 0xffffffffL : instruction.imm();
      v.write(dst, RegisterState.constant(constant));
      return;
    }
    RegisterState source = v.read(instruction.src());
    if (instruction.isAddressSpaceCast()) {
      v.write(dst, v.arenas.cast(instruction));
      return;
    }
    int extend = instruction.offset();
    if (!source.isScalar()) {
      boolean whole = extend == 0 && !is32;
      v.write(dst, whole ? source : MemoryAccess.unknown(is32 ? 4 : 8, false));
      return;
    }
    if (extend != 0) {
      v.write(dst, signExtended(instruction.src(), source, extend, is32));
    } else if (is32) {
      v.write(
          dst,
          source.range().fitsUnsigned32()
              ? link(instruction.src(), source)
              : scalarLike(source, source.range().zeroExtended32()));
    } else {
      v.write(dst, link(instruction.src(), source));
    }
  }

  private RegisterState signExtended(int register, RegisterState source, int width, boolean is32) {
    ScalarRange extended = source.range().signExtended(width);
    if (is32) {
      extended = extended.zeroExtended32();
    }
    boolean unchanged = source.range().fitsUnsigned(width - 1);
    return unchanged ? link(register, source) : RegisterState.scalar(extended);
  }

  private static RegisterState scalarLike(RegisterState source, ScalarRange range) {
    return range.equals(source.range()) ? source.unlinked() : RegisterState.scalar(range);
  }

  /** Gives the unknown number in {@code register} an id, so that its copy is known to equal it. */
  RegisterState link(int register, RegisterState source) {
    RegisterState linked = linkable(source);
    if (linked != source) {
      v.write(register, linked);
    }
    return linked;
  }

  /** {@code source} with an id of its own if it has none and its value is not known. */
  RegisterState linkable(RegisterState source) {
    if (source.range().isConstant()) {
      return source.linkedByAdd() ? source.unlinked() : source;
    }
    if (source.id() == 0 || source.linkedByAdd()) {
      return source.withLink(v.newId());
    }
    return source;
  }

  private void swapBytes(Instruction instruction, boolean is32) throws VerifierException {
    RegisterState operand = v.read(instruction.dst());
    boolean toLittle = is32 && !instruction.usesSource();
    int bytes = instruction.imm() / 8;
    if (!operand.isScalar()) {
      v.write(instruction.dst(), RegisterState.UNKNOWN);
    } else if (toLittle) {
      v.write(instruction.dst(), RegisterState.scalar(operand.range().truncated(bytes)));
    } else if (operand.range().isConstant()) {
      long swapped = Long.reverseBytes(operand.range().value()) >>> 64 - instruction.imm();
      v.write(instruction.dst(), RegisterState.constant(swapped));
    } else {
      v.write(instruction.dst(), RegisterState.scalar(ScalarRange.unsigned(bytes)));
    }
  }

  private void negate(Instruction instruction, boolean is32) throws VerifierException {
    RegisterState operand = v.read(instruction.dst());
    v.write(
        instruction.dst(),
        operand.isScalar()
            ? RegisterState.scalar(ScalarArithmetic.negate(is32, operand.range()))
            : RegisterState.UNKNOWN);
  }

  private void combine(Instruction instruction, boolean is32) throws VerifierException {
    RegisterState left = v.read(instruction.dst());
    RegisterState right =
        instruction.usesSource()
            ? v.read(instruction.src())
            : RegisterState.constant(is32 ? instruction.imm() & 0xffffffffL : instruction.imm());
    boolean arena = left.kind() == RegisterKind.ARENA || right.kind() == RegisterKind.ARENA;
    v.arenas.arithmetic(arena);
    if (arena) {
      v.write(instruction.dst(), RegisterState.ARENA); // to wherever
      return;
    }
    if (left.isScalar() && right.isScalar()) {
      v.write(instruction.dst(), scalars(instruction, is32, left, right));
    } else {
      pointers.combine(instruction, is32, left, right);
    }
  }

  private RegisterState scalars(
      Instruction instruction, boolean is32, RegisterState left, RegisterState right) {
    ScalarRange range =
        ScalarArithmetic.apply(instruction.operation(), is32, left.range(), right.range());
    RegisterState result = RegisterState.scalar(range);
    ScalarRange by = is32 ? right.range().zeroExtended32() : right.range();
    boolean staysLinked =
        left.id() != 0
            && !left.linkedByAdd()
            && !range.isConstant()
            && by.isConstant()
            && (!is32 || left.range().fitsUnsigned(Integer.SIZE))
            && isDistance(instruction.operation(), is32 ? (int) by.value() : by.value());
    if (!staysLinked) {
      return result;
    }
    int distance = (int) by.value();
    boolean adds = instruction.operation() == Opcode.ADD;
    return result.withSum(left.id(), is32, adds ? distance : -distance);
  }

  /** Whether what is added or subtracted is remembered, as Linux does (adjust_reg_min_max_vals). */
  private static boolean isDistance(int operation, long by) {
    return by == (int) by
        && (operation == Opcode.ADD || operation == Opcode.SUB && by != Integer.MIN_VALUE);
  }
}
