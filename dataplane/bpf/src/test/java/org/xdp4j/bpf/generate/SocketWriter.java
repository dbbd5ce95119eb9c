package org.xdp4j.bpf.generate;

import org.xdp4j.bpf.generate.Holding.Kind;
import org.xdp4j.bpf.isa.Opcode;

/** Dealings with sockets: looked for, read, taken as another type, given back. */
final class SocketWriter {
  private static final int[] LOOKUPS = {84, 85, 99};
  private static final int[] CASTS = {136, 137, 138, 139, 140, 178, 196};
  private static final int[] COOKIES = {100, 110};
  private static final int RELEASE = 86;
  private static final int TUPLE = 12;
  private static final int HEADER = 20;

  /** Where the socket is kept. */
  private static final int KEPT = 9;

  private final Scribe s;

  SocketWriter(Scribe scribe) {
    this.s = scribe;
  }

  void write() {
    int context = s.find(h -> h.is(Kind.CONTEXT));
    if (context < 6 || context == KEPT) {
      return;
    }
    for (int at = 0; at < 24; at += 8) {
      s.code.storeImm(Opcode.DW, 10, HelperWriter.AREA + at, s.below(9));
    }
    s.code.mov(1, context);
    memory(2, TUPLE);
    s.code.movImm(4, -1);
    s.code.movImm(5, 0);
    s.code.call(one(LOOKUPS));
    s.code.mov(KEPT, 0);
    int none = s.code.newLabel();
    if (!s.slips()) {
      s.code.jumpImm(true, Opcode.JEQ, KEPT, 0, none);
    }
    use();
    if (!s.slips()) {
      s.code.mov(1, KEPT);
      s.code.call(RELEASE);
    }
    s.code.place(none);
    s.model.clobber();
    s.set(0, Holding.NOTHING);
    s.set(KEPT, Holding.NOTHING);
  }

  private void use() {
    switch (s.below(3)) {
      case 0 -> s.code.load(Opcode.W, false, 0, KEPT, s.aim(4));
      case 1 -> {
        s.code.mov(1, KEPT);
        s.code.call(one(CASTS));
      }
      default -> {
        s.code.mov(1, KEPT);
        memory(2, HEADER);
        memory(4, HEADER);
        s.code.call(one(COOKIES));
      }
    }
  }

  /** Bytes of the argument area in one register, how many in the next. */
  private void memory(int register, int size) {
    s.code.mov(register, 10);
    s.code.aluImm(true, Opcode.ADD, register, s.aim(HelperWriter.AREA));
    s.code.movImm(register + 1, size);
  }

  private int one(int[] helpers) {
    return helpers[s.below(helpers.length)];
  }
}
