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

  /** A copy with another immediate, as relocation needs. */
  public Instruction withImm(int newImm) {
    return new Instruction(opcode, dst, src, offset, newImm);
  }

  /** A copy with another source register field, as relocation needs. */
  public Instruction withSrc(int newSrc) {
    return new Instruction(opcode, dst, newSrc, offset, imm);
  }
}
