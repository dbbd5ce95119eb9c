package org.xdp4j.bpf.generate;

import java.util.random.RandomGenerator;
import org.xdp4j.bpf.isa.Opcode;

/** Statements on the packet and the context. */
final class PacketStatements {
  private static final int ADJUST_HEAD = 44;
  private static final int ADJUST_META = 54;
  private static final int ADJUST_TAIL = 65;

  private final Code code;
  private final RandomGenerator random;
  private final int out;

  PacketStatements(Code code, RandomGenerator random, int out) {
    this.code = code;
    this.random = random;
    this.out = out;
  }

  /**
   * Loads r7 and leaves the program with r0 as it is when the packet is too short. Spoils r1 and
   * r2.
   */
  void check() {
    code.load(Opcode.W, false, 7, 6, 0);
    code.load(Opcode.W, false, 2, 6, 4);
    code.mov(1, 7);
    code.aluImm(true, Opcode.ADD, 1, ProgramGenerator.CHECKED);
    if (random.nextBoolean()) {
      code.jumpReg(true, Opcode.JGT, 1, 2, out);
    } else {
      code.jumpReg(true, Opcode.JLT, 2, 1, out);
    }
  }

  void access() {
    int size = Sizes.of(random.nextInt());
    int offset = random.nextInt(ProgramGenerator.CHECKED - Sizes.bytes(size) + 1);
    switch (random.nextInt(3)) {
      case 0 -> code.store(size, 7, random.nextInt(6), offset);
      case 1 -> code.storeImm(size, 7, offset, random.nextInt());
      default -> code.load(size, random.nextBoolean(), random.nextInt(6), 7, offset);
    }
  }

  /** A load or store at an offset that the packet itself gives: r1 = packet + (byte and 15). */
  void variableAccess() {
    code.load(Opcode.B, false, 2, 7, random.nextInt(ProgramGenerator.CHECKED));
    code.aluImm(random.nextBoolean(), Opcode.AND, 2, 15);
    code.mov(1, 7);
    code.aluReg(true, Opcode.ADD, 1, 2, 0);
    int size = Sizes.of(random.nextInt());
    int offset = random.nextInt(ProgramGenerator.CHECKED - 16 - Sizes.bytes(size) + 1);
    // A packet pointer that moved by an unknown amount needs a check of its own, as clang emits it.
    int skip = code.newLabel();
    code.load(Opcode.W, false, 4, 6, 4);
    code.mov(3, 1);
    code.aluImm(true, Opcode.ADD, 3, offset + Sizes.bytes(size));
    code.jumpReg(true, Opcode.JGT, 3, 4, skip);
    if (random.nextBoolean()) {
      code.store(size, 1, 2, offset);
    } else {
      code.load(size, random.nextBoolean(), 5, 1, offset);
    }
    code.place(skip);
    forgetPointers();
  }

  /** The context's plain fields, and the packet's length as a number. */
  void context() {
    if (random.nextBoolean()) {
      code.load(Opcode.W, false, random.nextInt(6), 6, 12 + 4 * random.nextInt(2));
      return;
    }
    code.load(Opcode.W, false, 1, 6, 4);
    code.aluReg(true, Opcode.SUB, 1, 7, 0);
  }

  /** Moves an end of the packet, which makes every packet pointer void. */
  void move() {
    code.mov(1, 6);
    switch (random.nextInt(3)) {
      case 0 -> {
        code.movImm(2, random.nextInt(-40, 20));
        code.call(ADJUST_HEAD);
      }
      case 1 -> {
        code.movImm(2, random.nextInt(-20, 40));
        code.call(ADJUST_TAIL);
      }
      default -> {
        code.movImm(2, -4 * random.nextInt(10));
        code.call(ADJUST_META);
      }
    }
    check();
    forgetPointers();
  }

  private void forgetPointers() {
    for (int register = 1; register <= 5; register++) {
      code.movImm(register, random.nextInt());
    }
  }
}
