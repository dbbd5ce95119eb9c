package org.xdp4j.bpf.generate;

import org.xdp4j.bpf.generate.Holding.Kind;
import org.xdp4j.bpf.helper.Kfuncs;
import org.xdp4j.bpf.isa.Opcode;

/**
 * Anything taken for an address, reckoned with and read at. What is read there is the memory's own
 * affair, so no program goes on with it.
 */
final class CastWriter {
  private static final int CURRENT_TASK = 158;
  private static final int CAST = Kfuncs.byName("bpf_rdonly_cast").orElseThrow().number();
  private static final int[] SIZES = {Opcode.B, Opcode.H, Opcode.W, Opcode.DW};
  private static final int[] OPERATIONS = {
    Opcode.ADD, Opcode.SUB, Opcode.MUL, Opcode.AND, Opcode.OR, Opcode.LSH, Opcode.RSH
  };

  private final Scribe s;

  CastWriter(Scribe scribe) {
    this.s = scribe;
  }

  void write() {
    if (s.below(8) == 0) {
      s.code.call(CURRENT_TASK);
      s.model.clobber();
      s.set(0, Holding.NOTHING);
      return;
    }
    int from = s.below(6) == 0 ? 10 : s.find(h -> !h.is(Kind.NOTHING));
    s.code.mov(1, from < 0 ? 10 : from);
    s.code.movImm(2, s.slips() ? s.below(100) : 0);
    s.code.callKernel(CAST);
    s.model.clobber();
    s.set(0, Holding.NOTHING);
    if (s.below(3) == 0) {
      s.code.aluImm(!s.slips(), OPERATIONS[s.below(OPERATIONS.length)], 0, s.below(40));
    }
    int end = s.code.newLabel();
    if (s.below(4) == 0) {
      // On one path the load is one of another kind of memory.
      int number = s.find(Holding::isNumber);
      int other = s.find(h -> h.is(Kind.VALUE));
      if (number > 5 && other > 5) {
        s.code.jumpImm(true, Opcode.JEQ, number, 0, end);
        s.code.mov(0, other);
      }
    }
    s.code.place(end);
    load();
  }

  private void load() {
    int size = SIZES[s.below(SIZES.length)];
    boolean signed = size != Opcode.DW && s.coin();
    int dst = s.writable();
    s.code.load(size, signed, dst, 0, s.below(4) == 0 ? s.below(64) - 32 : s.below(8));
    s.code.aluImm(true, Opcode.AND, dst, 0);
    s.set(dst, Holding.number(0));
  }
}
