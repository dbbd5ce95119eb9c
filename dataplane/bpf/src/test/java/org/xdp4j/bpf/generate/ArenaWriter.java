package org.xdp4j.bpf.generate;

import org.xdp4j.bpf.generate.Holding.Kind;
import org.xdp4j.bpf.isa.Opcode;

/** Statements on an arena: pointers into it and beyond, reckoned with, followed and shown. */
final class ArenaWriter {
  private static final int PAGE = 4096;
  private static final int TO_PROGRAM = 1;
  private static final int TO_USER = 1 << 16;
  private static final int[] CONDITIONS = {
    Opcode.JEQ, Opcode.JNE, Opcode.JGT, Opcode.JLE, Opcode.JSGT, Opcode.JSET
  };

  private final Scribe s;
  private final NumberWriter numbers;
  private final AtomicWriter atomics;

  /** Whether the program names its arena by now, without which there are no casts. */
  private boolean named;

  ArenaWriter(Scribe scribe, NumberWriter numbers, AtomicWriter atomics) {
    this.s = scribe;
    this.numbers = numbers;
    this.atomics = atomics;
  }

  void write() {
    int pointer = s.find(Kind.ARENA);
    if (pointer < 0 || s.below(6) == 0) {
      begin();
      return;
    }
    switch (s.below(12)) {
      case 0, 1, 2 -> load(pointer);
      case 3, 4 -> store(pointer);
      case 5 -> atomics.write(pointer, -16, 48);
      case 6, 7 -> arithmetic(pointer);
      case 8 -> ontoNumber(pointer);
      case 9 -> compare(pointer);
      case 10 -> toUser(pointer);
      default -> part(pointer);
    }
  }

  private void cast(int dst, int src, int spaces) {
    s.code.add(Opcode.ALU64 | Opcode.MOV | Opcode.X, dst, src, Opcode.ADDR_SPACE_CAST, spaces);
  }

  /** A pointer from the arena's address, or from any number. */
  private void begin() {
    int dst = s.writable();
    if (named && s.below(3) == 0) {
      cast(dst, s.number(), TO_PROGRAM);
    } else {
      s.code.value(dst, WorldMaps.ARENA, s.aim(s.below(WorldMaps.ARENA_PAGES * PAGE)));
      named = true;
      if (s.below(8) == 0) {
        s.set(dst, Holding.NUMBER);
        return;
      }
      cast(dst, dst, TO_PROGRAM);
    }
    s.set(dst, Holding.of(Kind.ARENA));
  }

  /** Near, across the page's end, or into the guard around the arena. */
  private int place() {
    return s.below(5) == 0 ? s.random.nextInt(-32768, 32768) : s.random.nextInt(-16, 64);
  }

  private void load(int pointer) {
    int dst = s.writable();
    s.code.load(Sizes.of(s.below(4)), s.below(4) == 0, dst, pointer, place());
    s.set(dst, Holding.NUMBER);
  }

  private void store(int pointer) {
    int size = Sizes.of(s.below(4));
    if (s.coin()) {
      s.code.storeImm(size, pointer, place(), numbers.constant());
    } else {
      s.code.store(size, pointer, s.number(), place());
    }
  }

  private boolean isKept(int register) {
    return register == 10 || s.model.isLocked(register);
  }

  private void arithmetic(int pointer) {
    if (isKept(pointer)) {
      return;
    }
    boolean wide = s.below(3) != 0;
    int operation =
        s.coin() ? Opcode.ADD : Operations.ARITHMETIC[s.below(Operations.ARITHMETIC.length)];
    if (s.below(3) == 0) {
      int src = s.coin() ? s.number() : s.find(Kind.ARENA);
      s.code.aluReg(wide, operation, pointer, Math.max(src, 0), 0);
    } else {
      int imm = numbers.constant();
      boolean shifts =
          operation == Opcode.LSH || operation == Opcode.RSH || operation == Opcode.ARSH;
      imm = shifts ? imm & (wide ? 63 : 31) : imm == 0 ? 5 : imm;
      s.code.aluImm(wide, operation, pointer, imm);
    }
  }

  /** A number becomes a pointer when one is added to it. */
  private void ontoNumber(int pointer) {
    int dst = s.ownNumber();
    int operation =
        s.coin() ? Opcode.ADD : Operations.ARITHMETIC[s.below(Operations.ARITHMETIC.length)];
    s.code.aluReg(s.coin(), operation, dst, pointer, 0);
    s.set(dst, Holding.of(Kind.ARENA));
  }

  private void compare(int pointer) {
    int condition = CONDITIONS[s.below(CONDITIONS.length)];
    int skip = s.code.newLabel();
    if (s.coin()) {
      s.code.jumpImm(s.coin(), condition, pointer, numbers.constant(), skip);
    } else {
      int other = s.coin() ? s.number() : s.find(Kind.ARENA);
      s.code.jumpReg(s.coin(), condition, pointer, Math.max(other, 0), skip);
    }
    Model taken = s.model.copy();
    if (s.coin()) {
      numbers.write();
    } else {
      arithmetic(pointer);
    }
    s.land(skip, taken);
  }

  private void toUser(int pointer) {
    int dst = s.writable();
    cast(dst, pointer, TO_USER);
    s.set(dst, Holding.NUMBER);
  }

  /** What makes a number of a pointer: half of it, its sign, its opposite, its bytes turned. */
  private void part(int pointer) {
    int dst = s.writable();
    switch (s.below(4)) {
      case 0 -> s.code.aluReg(false, Opcode.MOV, dst, pointer, 0);
      case 1 -> s.code.aluReg(true, Opcode.MOV, dst, pointer, 32);
      case 2 -> {
        s.code.mov(dst, pointer);
        s.code.add(Opcode.ALU64 | Opcode.END, dst, 0, 0, 64);
      }
      default -> {
        s.code.mov(dst, pointer);
        s.code.aluImm(s.coin(), Opcode.NEG, dst, 0);
      }
    }
    s.set(dst, Holding.NOTHING);
  }
}
