package org.xdp4j.bpf.generate;

import org.xdp4j.bpf.isa.Opcode;

/** Atomic operations, load-acquire and store-release. */
final class AtomicWriter {
  private static final int[] OPERATIONS = {
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

  private final Scribe s;

  AtomicWriter(Scribe scribe) {
    this.s = scribe;
  }

  /** One on memory from {@code base + low}, of {@code room} bytes. */
  void write(int base, int low, int room) {
    if (s.below(3) == 0) {
      ordered(base, low, room);
      return;
    }
    boolean wide = s.coin();
    int bytes = wide ? 8 : 4;
    int offset = low + bytes * s.below(room / bytes);
    offset = (offset + bytes - 1) / bytes * bytes;
    int operation = OPERATIONS[s.below(OPERATIONS.length)];
    int source = s.ownNumber();
    if (operation == Opcode.CMPXCHG && !s.get(0).isNumber()) {
      if (source == 0 || base == 0 || s.model.isLocked(0)) {
        return;
      }
      s.code.movImm(0, s.below(4));
    }
    if (source == base) {
      return;
    }
    loosen(base, offset, bytes);
    s.code.atomic(wide, base, source, s.aim(offset), operation);
    if (operation == Opcode.CMPXCHG) {
      s.set(0, Holding.NUMBER);
    } else if ((operation & Opcode.FETCH) != 0) {
      s.set(source, Holding.NUMBER);
    }
  }

  private void ordered(int base, int low, int room) {
    int size = Sizes.of(s.below(4));
    int bytes = Sizes.bytes(size);
    int offset = low + bytes * s.below(room / bytes);
    if (offset % bytes != 0) {
      offset += bytes - Math.floorMod(offset, bytes);
    }
    loosen(base, offset, bytes);
    if (s.coin()) {
      int dst = s.writable();
      s.code.add(Opcode.STX | Opcode.ATOMIC | size, dst, base, offset, Opcode.LOAD_ACQ);
      s.set(dst, Holding.NUMBER);
    } else {
      int src = s.number();
      s.code.add(Opcode.STX | Opcode.ATOMIC | size, base, src, offset, Opcode.STORE_REL);
    }
  }

  /** What is atomically changed on the stack must not be a pointer there. */
  private void loosen(int base, int offset, int bytes) {
    if (base == 10 && offset < 0) {
      int slot = (-offset - 1) / 8;
      if (slot < Model.SLOTS && !s.model.slots[slot].isNumber() && !s.slips()) {
        s.code.storeImm(Opcode.DW, 10, -8 * slot - 8, s.below(9));
        s.model.slots[slot] = Holding.NUMBER;
      }
    }
  }
}
