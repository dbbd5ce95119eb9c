package org.xdp4j.bpf.generate;

import org.xdp4j.bpf.generate.Holding.Kind;
import org.xdp4j.bpf.isa.Opcode;

/** Statements on the stack: spills and fills of every kind, at every width and place. */
final class StackWriter {
  private final Scribe s;
  private final NumberWriter numbers;
  private final AtomicWriter atomics;

  StackWriter(Scribe scribe, NumberWriter numbers, AtomicWriter atomics) {
    this.s = scribe;
    this.numbers = numbers;
    this.atomics = atomics;
  }

  void write() {
    switch (s.below(9)) {
      case 0, 1 -> spill();
      case 2, 3 -> fill();
      case 4 -> store();
      case 5 -> load();
      case 6 -> variable();
      case 7 -> throughCopy();
      default -> atomics.write(10, -8 * Model.SLOTS, 8 * Model.SLOTS);
    }
    forgetNarrow();
  }

  /** Atomics and narrow stores may have hit any slot that holds a number. */
  private void forgetNarrow() {
    for (int i = 0; i < Model.SLOTS; i++) {
      if (s.model.slots[i].isNumber()) {
        s.model.slots[i] = Holding.NUMBER;
      }
    }
  }

  private void spill() {
    int src = s.find(h -> !h.is(Kind.NOTHING));
    if (src < 0) {
      src = 10;
    }
    int slot = s.below(Model.SLOTS);
    s.code.store(Opcode.DW, 10, src, s.aim(-8 * slot - 8));
    s.model.slots[slot] = s.get(src);
  }

  private void fill() {
    int slot = s.below(Model.SLOTS);
    int dst = s.writable();
    s.code.load(Opcode.DW, false, dst, 10, s.aim(-8 * slot - 8));
    Holding held = s.model.slots[slot];
    s.set(dst, held.is(Kind.NOTHING) ? Holding.NUMBER : held);
  }

  /** A store of a number, of any width. */
  private void store() {
    int size = Sizes.of(s.below(4));
    int bytes = Sizes.bytes(size);
    int offset = -bytes * (1 + s.below(8 * Model.SLOTS / bytes));
    if (s.coin()) {
      s.code.storeImm(size, 10, s.aim(offset), s.coin() ? 0 : numbers.constant());
    } else {
      s.code.store(size, 10, s.number(), s.aim(offset));
    }
    s.model.slots[(-offset - 1) / 8] = Holding.NUMBER;
  }

  private void load() {
    int slot = s.below(Model.SLOTS);
    if (!s.model.slots[slot].isNumber() && !s.slips()) {
      store();
      return;
    }
    int size = Sizes.of(s.below(4));
    int bytes = Sizes.bytes(size);
    int dst = s.writable();
    int offset = -8 * slot - 8 + bytes * s.below(8 / bytes);
    s.code.load(size, s.coin(), dst, 10, s.aim(offset));
    s.set(dst, Holding.NUMBER);
  }

  /** An access of which only a range of places is known. */
  private void variable() {
    int size = Sizes.of(s.below(4));
    int bytes = Sizes.bytes(size);
    int index = numbers.bounded(s.coin() ? 7 : 3);
    int most = (int) s.get(index).most();
    int pointer = otherThan(index);
    if (bytes > 1) {
      s.code.aluImm(true, Opcode.MUL, index, bytes);
    }
    s.code.mov(pointer, 10);
    int low = -8 * Model.SLOTS + 8 * s.below(2);
    boolean first = s.coin();
    if (first) {
      s.code.aluImm(true, Opcode.ADD, pointer, s.aim(low));
    }
    s.code.aluReg(true, Opcode.ADD, pointer, index, 0);
    int place = first ? 0 : s.aim(low);
    s.set(index, Holding.number((long) most * bytes));
    s.set(pointer, Holding.NOTHING);
    if (s.coin()) {
      int dst = s.writable();
      s.code.load(size, s.coin(), dst, pointer, place);
      s.set(dst, Holding.NUMBER);
    } else if (s.coin()) {
      s.code.storeImm(size, pointer, place, s.coin() ? 0 : numbers.constant());
    } else {
      s.code.store(size, pointer, index, place);
    }
    for (int i = 0; i < Model.SLOTS; i++) {
      s.model.slots[i] = s.model.slots[i].isNumber() ? Holding.NUMBER : Holding.NOTHING;
    }
  }

  private int otherThan(int register) {
    int other;
    do {
      other = s.writable();
    } while (other == register);
    return other;
  }

  /** A store or load through a moved copy of r10. */
  private void throughCopy() {
    int pointer = s.writable();
    int slot = s.below(Model.SLOTS);
    s.code.mov(pointer, 10);
    s.code.aluImm(true, Opcode.ADD, pointer, -8 * slot - 8);
    s.set(pointer, Holding.of(Kind.STACK).moved(-8 * slot - 8));
    int number = s.number();
    if (number != pointer && s.coin()) {
      s.code.store(Opcode.DW, pointer, number, 0);
      s.model.slots[slot] = s.get(number);
    } else if (s.model.slots[slot].isNumber()) {
      s.code.load(Opcode.W, s.coin(), pointer, pointer, 4 * s.below(2));
      s.set(pointer, Holding.NUMBER);
    }
  }
}
