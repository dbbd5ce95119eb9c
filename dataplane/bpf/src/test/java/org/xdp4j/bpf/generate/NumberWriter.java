package org.xdp4j.bpf.generate;

import org.xdp4j.bpf.isa.Opcode;

/** Statements on numbers: arithmetic, byte order, and what gives them bounds. */
final class NumberWriter {
  private static final int[] EDGES = {
    0,
    1,
    -1,
    2,
    3,
    4,
    7,
    8,
    15,
    16,
    31,
    32,
    63,
    64,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x7fff,
    0x8000,
    0xffff,
    0x10000,
    -2,
    -8,
    -128,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE
  };

  private final Scribe s;

  NumberWriter(Scribe scribe) {
    this.s = scribe;
  }

  int constant() {
    return s.below(4) == 0 ? s.random.nextInt() : EDGES[s.below(EDGES.length)];
  }

  void write() {
    switch (s.below(10)) {
      case 0 -> setNumber();
      case 1 -> byteOrder();
      case 2 -> signExtend();
      case 3 -> signedDivision();
      case 4 -> negate();
      case 5, 6 -> withConstant();
      case 7, 8 -> withRegister();
      default -> copy();
    }
  }

  private void setNumber() {
    int dst = s.writable();
    if (s.below(3) == 0) {
      s.code.lddw(dst, s.coin() ? s.random.nextLong() : s.below(1000));
      s.set(dst, Holding.NUMBER);
    } else {
      int value = constant();
      s.code.movImm(dst, value);
      s.set(dst, Holding.number(Math.max(value, -1)));
    }
  }

  private void negate() {
    int dst = s.ownNumber();
    s.code.aluImm(s.coin(), Opcode.NEG, dst, 0);
    s.set(dst, Holding.NUMBER);
  }

  private void byteOrder() {
    int dst = s.ownNumber();
    int opcode =
        switch (s.below(3)) {
          case 0 -> Opcode.ALU | Opcode.END;
          case 1 -> Opcode.ALU | Opcode.END | Opcode.X;
          default -> Opcode.ALU64 | Opcode.END;
        };
    int bits = 16 << s.below(3);
    s.code.add(opcode, dst, 0, 0, bits);
    s.set(dst, bits == 16 ? Holding.number(0xffff) : Holding.NUMBER);
  }

  private void signExtend() {
    boolean wide = s.coin();
    int src = s.number();
    int dst = s.writable();
    s.code.aluReg(wide, Opcode.MOV, dst, src, 8 << s.below(wide ? 3 : 2));
    s.set(dst, Holding.NUMBER);
  }

  private void signedDivision() {
    boolean wide = s.coin();
    int operation = s.coin() ? Opcode.DIV : Opcode.MOD;
    int dst = s.ownNumber();
    if (s.coin()) {
      s.code.aluReg(wide, operation, dst, s.number(), 1);
    } else {
      int imm = constant();
      s.code.add((wide ? Opcode.ALU64 : Opcode.ALU) | operation, dst, 0, 1, imm == 0 ? -1 : imm);
    }
    s.set(dst, Holding.NUMBER);
  }

  private void withConstant() {
    boolean wide = s.coin();
    int operation = Operations.WITH_MOVES[s.below(Operations.WITH_MOVES.length)];
    int imm = constant();
    if (isShift(operation)) {
      imm &= wide ? 63 : 31;
    } else if ((operation == Opcode.DIV || operation == Opcode.MOD) && imm == 0) {
      imm = 3;
    }
    int dst = s.ownNumber();
    s.code.aluImm(wide, operation, dst, imm);
    s.set(dst, Holding.number(bound(s.get(dst), operation, imm)));
  }

  /** The greatest value afterwards, where that is plain; else -1. */
  private static long bound(Holding before, int operation, int imm) {
    boolean small = before.most() >= 0 && before.most() < 1 << 20;
    return switch (operation) {
      case Opcode.AND -> imm >= 0 ? imm : before.most();
      case Opcode.MOD -> imm > 0 ? imm - 1 : -1;
      case Opcode.RSH, Opcode.DIV -> imm >= 0 && before.most() >= 0 ? before.most() : -1;
      case Opcode.ADD -> small && imm >= 0 && imm < 1 << 20 ? before.most() + imm : -1;
      case Opcode.LSH -> small && imm < 8 ? before.most() << imm : -1;
      case Opcode.MUL -> small && imm >= 0 && imm < 1 << 10 ? before.most() * imm : -1;
      default -> -1;
    };
  }

  private void withRegister() {
    int src = s.number();
    int dst = s.ownNumber();
    s.code.aluReg(
        s.coin(), Operations.WITH_MOVES[s.below(Operations.WITH_MOVES.length)], dst, src, 0);
    s.set(dst, Holding.NUMBER);
  }

  private void copy() {
    int src = s.find(h -> !h.is(Holding.Kind.NOTHING));
    s.mov(s.writable(), src < 0 ? 10 : src);
    if (s.below(4) == 0) {
      int number = s.number();
      int dst = s.writable();
      s.code.aluReg(false, Opcode.MOV, dst, number, 0);
      s.set(dst, s.get(number));
    }
  }

  /** Gives a number an upper bound of at most {@code limit}, in one of many ways. */
  int bounded(int limit) {
    int dst = s.ownNumber();
    int mask = Integer.highestOneBit(limit + 1) - 1;
    switch (s.below(6)) {
      case 0 -> s.code.aluImm(true, Opcode.AND, dst, s.aim(mask));
      case 1 -> s.code.aluImm(false, Opcode.AND, dst, mask);
      case 2 -> s.code.aluImm(s.coin(), Opcode.MOD, dst, limit + 1);
      case 3 -> s.code.jumpImm(true, Opcode.JGT, dst, s.aim(limit), s.out);
      case 4 -> {
        s.code.jumpImm(true, Opcode.JSLT, dst, 0, s.out);
        s.code.jumpImm(true, s.coin() ? Opcode.JSGT : Opcode.JGT, dst, limit, s.out);
      }
      default -> {
        s.code.aluReg(false, Opcode.MOV, dst, dst, 0);
        s.code.jumpImm(false, Opcode.JGE, dst, limit + 1, s.out);
      }
    }
    s.set(dst, Holding.number(limit));
    return dst;
  }

  /** A comparison of numbers that jumps to {@code label}. */
  void jump(int label) {
    int condition = Operations.COMPARISONS[s.below(Operations.COMPARISONS.length)];
    int left = s.number();
    if (s.coin()) {
      s.code.jumpImm(s.coin(), condition, left, constant(), label);
    } else {
      s.code.jumpReg(s.coin(), condition, left, s.number(), label);
    }
  }

  private static boolean isShift(int operation) {
    return operation == Opcode.LSH || operation == Opcode.RSH || operation == Opcode.ARSH;
  }
}
