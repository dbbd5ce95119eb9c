package org.xdp4j.bpf.isa;

/**
 * One 64-bit slot of a program (RFC 9669, section 3), little-endian.
 *
 * <pre>
 *  byte   0        1            2..3     4..7
 *       +--------+------+-----+--------+-----------------+
 *       | opcode | src  | dst | offset | imm             |
 *       +--------+------+-----+--------+-----------------+
 *                 7..4   3..0
 * </pre>
 *
 * The second slot of LDDW is kept as its own {@code Instruction} with opcode 0 and the upper 32
 * bits of the constant in {@code imm}, so that program indexes stay slot indexes.
 *
 * @param opcode the whole opcode byte, 0..255
 * @param dst the destination register field, 0..15 as encoded (only 0..10 exist)
 * @param src the source register field, 0..15 as encoded
 * @param offset the signed 16-bit offset
 * @param imm the signed 32-bit immediate
 */
public record Instruction(int opcode, int dst, int src, int offset, int imm) {

  /** Bytes of one slot. */
  public static final int SIZE = 8;

  /** Reads the slot that {@code word}, loaded little-endian, encodes. */
  public static Instruction decode(long word) {
    return new Instruction(
        (int) (word & 0xff),
        (int) (word >>> 8 & 0xf),
        (int) (word >>> 12 & 0xf),
        (short) (word >>> 16),
        (int) (word >>> 32));
  }

  /** The slot as the 64-bit word that {@link #decode} reads. */
  public long encode() {
    return opcode & 0xffL
        | (dst & 0xfL) << 8
        | (src & 0xfL) << 12
        | (offset & 0xffffL) << 16
        | (imm & 0xffffffffL) << 32;
  }

  /**
   * The instruction class, the low three bits of the opcode: one of {@code Opcode.LD} .. {@code
   * Opcode.ALU64}.
   */
  public int instructionClass() {
    return opcode & 0x07;
  }

  /** True for the first slot of the wide instruction LDDW. */
  public boolean isWide() {
    return opcode == Opcode.LDDW;
  }

  /** The mode bits of a load or store: {@code Opcode.IMM} .. {@code Opcode.ATOMIC}. */
  public int mode() {
    return opcode & 0xe0;
  }

  /** The operation bits of an ALU or jump instruction: {@code Opcode.ADD} .., {@code Opcode.JA}. */
  public int operation() {
    return opcode & 0xf0;
  }

  /** Whether an ALU or jump instruction takes its operand from {@link #src}, not {@link #imm}. */
  public boolean usesSource() {
    return (opcode & Opcode.X) != 0;
  }

  /**
   * Whether it makes a pointer of one address space one of another ({@code BPF_ADDR_SPACE_CAST});
   * the immediate has that cast to in its upper half, that cast from in its lower.
   */
  public boolean isAddressSpaceCast() {
    return opcode == (Opcode.ALU64 | Opcode.MOV | Opcode.X) && offset == Opcode.ADDR_SPACE_CAST;
  }

  /** Whether the class is ALU or ALU64. */
  public boolean isAlu() {
    return instructionClass() == Opcode.ALU || instructionClass() == Opcode.ALU64;
  }

  /** Whether the class is JMP or JMP32, so calls and exit too. */
  public boolean isJumpClass() {
    return instructionClass() == Opcode.JMP || instructionClass() == Opcode.JMP32;
  }

  /** Whether it is {@code goto} or {@code gotol}. */
  public boolean isGoto() {
    return opcode == (Opcode.JMP | Opcode.JA) || opcode == (Opcode.JMP32 | Opcode.JA);
  }

  /** Whether it is may_goto. */
  public boolean isMayGoto() {
    return opcode == (Opcode.JMP | Opcode.JCOND);
  }

  /** Whether it may jump or fall through: a comparison, or may_goto. */
  public boolean isConditionalJump() {
    return isJumpClass()
        && operation() != Opcode.JA
        && operation() != Opcode.CALL
        && operation() != Opcode.EXIT;
  }

  /** Whether it has a jump target within the function. */
  public boolean isJump() {
    return isGoto() || isConditionalJump();
  }

  /** Whether it ends a function. */
  public boolean isExit() {
    return opcode == (Opcode.JMP | Opcode.EXIT);
  }

  /** Whether it is a call of any kind. */
  public boolean isCall() {
    return opcode == (Opcode.JMP | Opcode.CALL);
  }

  /** Whether it calls the helper whose number is {@link #imm}. */
  public boolean isHelperCall() {
    return isCall() && src == Opcode.HELPER_CALL;
  }

  /** Whether it calls the subprogram that starts {@code imm + 1} slots further on. */
  public boolean isSubprogramCall() {
    return isCall() && src == Opcode.PSEUDO_CALL;
  }

  /** Whether it is an atomic operation, load-acquire or store-release. */
  public boolean isAtomic() {
    return instructionClass() == Opcode.STX && mode() == Opcode.ATOMIC;
  }

  /** The register that an atomic operation or load-acquire leaves a value in; -1 for none. */
  public int atomicResult() {
    return switch (imm) {
      case Opcode.LOAD_ACQ -> dst;
      case Opcode.STORE_REL -> -1;
      case Opcode.CMPXCHG -> 0;
      default -> (imm & Opcode.FETCH) != 0 ? src : -1;
    };
  }

  /** Slots that a jump skips, counted from the next instruction; {@code gotol} has it in imm. */
  public int jumpOffset() {
    return opcode == (Opcode.JMP32 | Opcode.JA) ? imm : offset;
  }

  /** Bytes that a load, store or atomic operation touches: 1, 2, 4 or 8. */
  public int accessSize() {
    return switch (opcode & 0x18) {
      case Opcode.W -> 4;
      case Opcode.H -> 2;
      case Opcode.B -> 1;
      default -> 8;
    };
  }

  /** The instruction as {@code llvm-objdump} prints it; a wide one needs its second slot there. */
  @Override
  public String toString() {
    return Disassembler.text(this, null);
  }

  /** A copy with another immediate, as relocation needs. */
  public Instruction withImm(int newImm) {
    return new Instruction(opcode, dst, src, offset, newImm);
  }

  /** A copy with another source register field, as relocation needs. */
  public Instruction withSrc(int newSrc) {
    return new Instruction(opcode, dst, newSrc, offset, imm);
  }
}
