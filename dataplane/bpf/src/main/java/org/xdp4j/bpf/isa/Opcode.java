package org.xdp4j.bpf.isa;

/**
 * The numbers of RFC 9669 and {@code linux/bpf.h}: classes, sizes, modes, operations and pseudo
 * sources.
 */
public final class Opcode {
  // Instruction classes (RFC 9669, table 1).
  public static final int LD = 0x00;
  public static final int LDX = 0x01;
  public static final int ST = 0x02;
  public static final int STX = 0x03;
  public static final int ALU = 0x04;
  public static final int JMP = 0x05;
  public static final int JMP32 = 0x06;
  public static final int ALU64 = 0x07;

  // Operand source, for ALU and JMP classes.
  public static final int K = 0x00;
  public static final int X = 0x08;

  // ALU operations (RFC 9669, section 4.1).
  public static final int ADD = 0x00;
  public static final int SUB = 0x10;
  public static final int MUL = 0x20;
  public static final int DIV = 0x30;
  public static final int OR = 0x40;
  public static final int AND = 0x50;
  public static final int LSH = 0x60;
  public static final int RSH = 0x70;
  public static final int NEG = 0x80;
  public static final int MOD = 0x90;
  public static final int XOR = 0xa0;
  public static final int MOV = 0xb0;
  public static final int ARSH = 0xc0;
  public static final int END = 0xd0;

  /** {@code BPF_ADDR_SPACE_CAST}: the offset of such a move (linux/filter.h). */
  public static final int ADDR_SPACE_CAST = 1;

  // Jump operations (RFC 9669, section 4.3).
  public static final int JA = 0x00;
  public static final int JEQ = 0x10;
  public static final int JGT = 0x20;
  public static final int JGE = 0x30;
  public static final int JSET = 0x40;
  public static final int JNE = 0x50;
  public static final int JSGT = 0x60;
  public static final int JSGE = 0x70;
  public static final int CALL = 0x80;
  public static final int EXIT = 0x90;
  public static final int JLT = 0xa0;
  public static final int JLE = 0xb0;
  public static final int JSLT = 0xc0;
  public static final int JSLE = 0xd0;

  /** {@code BPF_JCOND}: may_goto, a conditional pseudo jump (linux/bpf.h). */
  public static final int JCOND = 0xe0;

  // Load and store sizes (RFC 9669, table 12).
  public static final int W = 0x00;
  public static final int H = 0x08;
  public static final int B = 0x10;
  public static final int DW = 0x18;

  // Load and store modes (RFC 9669, table 11).
  public static final int IMM = 0x00;
  public static final int ABS = 0x20;
  public static final int IND = 0x40;
  public static final int MEM = 0x60;
  public static final int MEMSX = 0x80;
  public static final int ATOMIC = 0xc0;

  /** {@code BPF_LD | BPF_IMM | BPF_DW}: the one instruction of two slots. */
  public static final int LDDW = LD | IMM | DW;

  // What the immediate of an atomic operation says (RFC 9669, section 5.3).
  public static final int FETCH = 0x01;
  public static final int XCHG = 0xe0 | FETCH;
  public static final int CMPXCHG = 0xf0 | FETCH;

  /** {@code BPF_LOAD_ACQ} (linux/bpf.h, since 6.15). */
  public static final int LOAD_ACQ = 0x100;

  /** {@code BPF_STORE_REL} (linux/bpf.h, since 6.15). */
  public static final int STORE_REL = 0x110;

  // The src field of LDDW (linux/bpf.h, BPF_PSEUDO_*).
  public static final int PSEUDO_MAP_FD = 1;
  public static final int PSEUDO_MAP_VALUE = 2;
  public static final int PSEUDO_BTF_ID = 3;
  public static final int PSEUDO_FUNC = 4;
  public static final int PSEUDO_MAP_IDX = 5;
  public static final int PSEUDO_MAP_IDX_VALUE = 6;

  // The src field of CALL.
  public static final int HELPER_CALL = 0;
  public static final int PSEUDO_CALL = 1;
  public static final int PSEUDO_KFUNC_CALL = 2;

  private Opcode() {}
}
