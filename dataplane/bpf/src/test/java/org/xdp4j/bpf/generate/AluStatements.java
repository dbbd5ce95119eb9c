package org.xdp4j.bpf.generate;

import java.util.random.RandomGenerator;
import org.xdp4j.bpf.isa.Opcode;

/** Statements on numbers: arithmetic, byte order, sign extension, comparisons, atomics. */
final class AluStatements {
  private static final int[] ATOMICS = {
    Opcode.ADD,
    Opcode.AND,
    Opcode.OR,
    Opcode.XOR,
    Opcode.ADD | Opcode.FETCH,
    Opcode.AND | Opcode.FETCH,
    Opcode.OR | Opcode.FETCH,
    Opcode.XOR | Opcode.FETCH,
    Opcode.XCHG,
    Opcode.CMPXCHG
  };
  private static final int[] EDGES = {
    0,
    1,
    -1,
    2,
    7,
    31,
    32,
    63,
    64,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0x8000,
    0xffff,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE
  };

  private final Code code;
  private final RandomGenerator random;
  private boolean counterReserved;

  AluStatements(Code code, RandomGenerator random) {
    this.code = code;
    this.random = random;
  }

  /** Keeps statements from writing r9 while it counts a loop. */
  void reserveCounter(boolean reserve) {
    counterReserved = reserve;
  }

  /** A register that holds a number and may be written. */
  int number() {
    int choice = random.nextInt(counterReserved ? 7 : 8);
    return choice < 6 ? choice : choice + 2;
  }

  int constant() {
    return random.nextInt(3) == 0 ? random.nextInt() : EDGES[random.nextInt(EDGES.length)];
  }

  void setNumbers(int first, int last) {
    for (int register = first; register <= last; register++) {
      if (random.nextInt(6) == 0) {
        code.lddw(register, random.nextLong());
      } else {
        code.movImm(register, constant());
      }
    }
  }

  /** r0 becomes a digest of every number, so that a difference anywhere shows. */
  void foldNumbers() {
    for (int register : new int[] {1, 2, 3, 4, 5, 8, 9}) {
      code.aluImm(true, Opcode.MUL, 0, 31);
      code.aluReg(true, Opcode.XOR, 0, register, 0);
    }
    code.mov(1, 0);
    code.aluImm(true, Opcode.RSH, 1, 32);
    code.aluReg(true, Opcode.XOR, 0, 1, 0);
  }

  void statement() {
    switch (random.nextInt(12)) {
      case 0 -> code.aluImm(random.nextBoolean(), Opcode.NEG, number(), 0);
      case 1 -> byteOrder();
      case 2 -> signExtend();
      case 3 -> signedDivision();
      case 4 -> code.lddw(number(), random.nextLong());
      case 5, 6, 7 -> withConstant();
      default -> withRegister();
    }
  }

  private void withConstant() {
    boolean wide = random.nextBoolean();
    int operation = Operations.WITH_MOVES[random.nextInt(Operations.WITH_MOVES.length)];
    int imm = constant();
    if (isShift(operation)) {
      imm &= wide ? 63 : 31;
    } else if ((operation == Opcode.DIV || operation == Opcode.MOD) && imm == 0) {
      imm = 3;
    }
    code.aluImm(wide, operation, number(), imm);
  }

  private void withRegister() {
    int operation = Operations.WITH_MOVES[random.nextInt(Operations.WITH_MOVES.length)];
    code.aluReg(random.nextBoolean(), operation, number(), number(), 0);
  }

  private void signedDivision() {
    boolean wide = random.nextBoolean();
    int operation = random.nextBoolean() ? Opcode.DIV : Opcode.MOD;
    if (random.nextBoolean()) {
      code.aluReg(wide, operation, number(), number(), 1);
    } else {
      int imm = constant();
      code.add((wide ? Opcode.ALU64 : Opcode.ALU) | operation, number(), 0, 1, imm == 0 ? -1 : imm);
    }
  }

  private void signExtend() {
    boolean wide = random.nextBoolean();
    int bits = 8 << random.nextInt(wide ? 3 : 2);
    code.aluReg(wide, Opcode.MOV, number(), number(), bits);
  }

  private void byteOrder() {
    int bits = 16 << random.nextInt(3);
    int opcode =
        switch (random.nextInt(3)) {
          case 0 -> Opcode.ALU | Opcode.END;
          case 1 -> Opcode.ALU | Opcode.END | Opcode.X;
          default -> Opcode.ALU64 | Opcode.END;
        };
    code.add(opcode, number(), 0, 0, bits);
  }

  /** A comparison of numbers that jumps to {@code label}. */
  void jump(int label) {
    int condition = Operations.COMPARISONS[random.nextInt(Operations.COMPARISONS.length)];
    if (random.nextBoolean()) {
      code.jumpImm(random.nextBoolean(), condition, number(), constant(), label);
    } else {
      code.jumpReg(random.nextBoolean(), condition, number(), number(), label);
    }
  }

  /** An atomic operation on memory that is known to be there. */
  void atomic(int base, int offset, boolean wide) {
    int operation = ATOMICS[random.nextInt(ATOMICS.length)];
    int source = number();
    code.atomic(wide, base, source == base ? 8 : source, offset, operation);
  }

  private static boolean isShift(int operation) {
    return operation == Opcode.LSH || operation == Opcode.RSH || operation == Opcode.ARSH;
  }
}
