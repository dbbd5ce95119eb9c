package org.xdp4j.bpf.generate;

import java.util.random.RandomGenerator;
import org.xdp4j.bpf.isa.Opcode;

/** Statements that call helpers on maps and memory. They leave r0..r5 as numbers again. */
final class MapStatements {
  private static final int LOOKUP = 1;
  private static final int UPDATE = 2;
  private static final int DELETE = 3;
  private static final int CSUM_DIFF = 28;
  private static final int REDIRECT = 23;
  private static final int KEY = -8;
  private static final int VALUE = -32;

  private final Code code;
  private final RandomGenerator random;
  private final AluStatements alu;

  MapStatements(Code code, RandomGenerator random) {
    this.code = code;
    this.random = random;
    this.alu = new AluStatements(code, random);
  }

  /** Looks an entry up and, when it is there, reads and changes it. */
  void lookup(int map) {
    writeKey(map);
    code.map(1, map);
    code.mov(2, 10);
    code.aluImm(true, Opcode.ADD, 2, KEY);
    code.call(LOOKUP);
    code.mov(1, 0);
    code.movImm(2, random.nextInt());
    code.movImm(0, random.nextInt());
    int skip = code.newLabel();
    code.jumpImm(true, Opcode.JEQ, 1, 0, skip);
    int times = 1 + random.nextInt(3);
    for (int i = 0; i < times; i++) {
      touchValue();
    }
    code.place(skip);
    alu.setNumbers(1, 1);
    alu.setNumbers(3, 5);
  }

  private void touchValue() {
    int size = Sizes.of(random.nextInt());
    int bytes = Sizes.bytes(size);
    int offset = bytes * random.nextInt(ProgramGenerator.VALUE_SIZE / bytes);
    switch (random.nextInt(4)) {
      case 0 -> code.load(size, random.nextBoolean(), random.nextBoolean() ? 2 : 0, 1, offset);
      case 1 -> code.store(size, 1, random.nextBoolean() ? 8 : 0, offset);
      case 2 -> code.storeImm(size, 1, offset, random.nextInt());
      default -> {
        boolean wide = random.nextBoolean();
        code.atomic(
            wide,
            1,
            8,
            (wide ? 8 : 4) * random.nextInt(3),
            random.nextBoolean() ? 0 : Opcode.FETCH);
      }
    }
  }

  void updateOrDelete() {
    int map =
        switch (random.nextInt(3)) {
          case 0 -> ProgramGenerator.ARRAY;
          case 1 -> ProgramGenerator.LPM;
          default -> ProgramGenerator.HASH;
        };
    writeKey(map);
    code.map(1, map);
    code.mov(2, 10);
    code.aluImm(true, Opcode.ADD, 2, KEY);
    if (random.nextInt(3) == 0) {
      code.call(DELETE);
    } else {
      code.mov(3, 10);
      code.aluImm(true, Opcode.ADD, 3, VALUE);
      code.movImm(4, random.nextInt(3));
      code.call(UPDATE);
    }
    alu.setNumbers(1, 5);
  }

  /** {@code bpf_csum_diff} over pieces of the stack. */
  void checksum() {
    code.mov(1, 10);
    code.aluImm(true, Opcode.ADD, 1, -16);
    code.movImm(2, 4 * random.nextInt(5));
    code.mov(3, 10);
    code.aluImm(true, Opcode.ADD, 3, -48);
    code.movImm(4, 4 * random.nextInt(8));
    code.mov(5, 8);
    code.call(CSUM_DIFF);
    alu.setNumbers(1, 5);
  }

  /** A helper that gives a number the oracle gives too. */
  void number() {
    code.movImm(1, random.nextInt(8));
    code.movImm(2, random.nextInt(3) == 0 ? 1 : 0);
    code.call(REDIRECT);
    alu.setNumbers(1, 5);
  }

  private void writeKey(int map) {
    if (map == ProgramGenerator.LPM) {
      code.storeImm(Opcode.W, 10, KEY, random.nextInt(40));
      code.storeImm(Opcode.W, 10, KEY + 4, random.nextInt(4) * 0x40404040);
      return;
    }
    if (random.nextBoolean()) {
      code.storeImm(Opcode.DW, 10, KEY, random.nextInt(6));
      return;
    }
    code.mov(1, 8);
    code.aluImm(true, Opcode.AND, 1, 7);
    code.store(Opcode.DW, 10, 1, KEY);
  }
}
