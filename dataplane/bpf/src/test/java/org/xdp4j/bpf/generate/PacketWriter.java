package org.xdp4j.bpf.generate;

import org.xdp4j.bpf.generate.Holding.Kind;
import org.xdp4j.bpf.isa.Opcode;

/** Statements on the context and the packet: pointers, their checks, accesses. */
final class PacketWriter {
  private static final int MOST = 80;

  private final Scribe s;
  private final NumberWriter numbers;

  PacketWriter(Scribe scribe, NumberWriter numbers) {
    this.s = scribe;
    this.numbers = numbers;
  }

  void write() {
    switch (s.below(10)) {
      case 0 -> context();
      case 1, 2 -> loadAndCheck(s.below(4) == 0 ? Kind.META : Kind.PACKET);
      case 3, 4, 5 -> access();
      case 6, 7 -> variable();
      case 8 -> length();
      default -> move();
    }
  }

  /** A register with the context, or -1. */
  private int base() {
    return s.find(Kind.CONTEXT);
  }

  private void context() {
    int context = base();
    if (context < 0) {
      return;
    }
    int dst = s.writable();
    int field = s.slips() ? s.below(32) : 4 * s.below(5);
    boolean signed = field >= 12 && s.below(3) == 0;
    s.code.load(s.slips() ? Opcode.H : Opcode.W, signed, dst, context, field);
    s.set(
        dst,
        switch (field) {
          case 0 -> Holding.of(Kind.PACKET);
          case 4 -> Holding.of(Kind.END);
          case 8 -> Holding.of(Kind.META);
          default -> Holding.NUMBER;
        });
  }

  private void loadAndCheck(Kind kind) {
    int context = base();
    if (context < 0) {
      return;
    }
    int pointer = s.writable();
    int end = s.writable();
    int moved = s.writable();
    if (pointer == end
        || pointer == moved
        || end == moved
        || pointer == context
        || end == context) {
      return;
    }
    s.code.load(Opcode.W, false, pointer, context, kind == Kind.META ? 8 : 0);
    s.code.load(Opcode.W, false, end, context, kind == Kind.META ? 0 : 4);
    s.set(pointer, Holding.of(kind));
    s.set(end, kind == Kind.META ? Holding.of(Kind.PACKET) : Holding.of(Kind.END));
    check(pointer, end, moved, 1 + s.below(kind == Kind.META ? 8 : MOST));
  }

  /** Compares {@code pointer + bytes} with the end, in one of the eight ways. */
  private void check(int pointer, int end, int moved, int bytes) {
    Holding holding = s.get(pointer);
    s.code.mov(moved, pointer);
    s.code.aluImm(true, Opcode.ADD, moved, bytes);
    s.set(moved, holding.moved(bytes));
    int proved = holding.offset() + bytes;
    boolean inside = s.below(4) == 0;
    int ok = s.code.newLabel();
    boolean left = s.coin();
    boolean equal = s.coin();
    // moved > end leaves, or moved <= end goes on: with "or equal" one byte more is proved.
    int operation =
        inside
            ? left ? equal ? Opcode.JLE : Opcode.JLT : equal ? Opcode.JGE : Opcode.JGT
            : left ? equal ? Opcode.JGT : Opcode.JGE : equal ? Opcode.JLT : Opcode.JLE;
    int target = inside ? ok : s.out;
    s.code.jumpReg(true, operation, left ? moved : end, left ? end : moved, target);
    if (inside) {
      s.code.jump(false, s.out);
      s.code.place(ok);
    }
    s.model.replaceAll(
        h ->
            h.is(holding.kind()) && h.id() == holding.id() && h.proved() < proved
                ? h.withProved(proved)
                : h);
  }

  private static boolean isReadable(Holding h) {
    return (h.is(Kind.PACKET) || h.is(Kind.META)) && h.proved() - h.offset() > 0;
  }

  void access() {
    int pointer = s.find(PacketWriter::isReadable);
    if (pointer < 0) {
      loadAndCheck(Kind.PACKET);
      return;
    }
    Holding h = s.get(pointer);
    int size = Sizes.of(s.below(4));
    int room = h.proved() - Math.max(h.offset(), 0) - Sizes.bytes(size);
    if (room < 0) {
      size = Opcode.B;
      room = Math.max(0, h.proved() - Math.max(h.offset(), 0) - 1);
    }
    int place = s.aim(Math.max(0, -h.offset()) + s.below(room + 1));
    switch (s.below(4)) {
      case 0 -> s.code.store(size, pointer, s.number(), place);
      case 1 -> s.code.storeImm(size, pointer, place, s.random.nextInt());
      default -> {
        int dst = s.writable();
        boolean signed = s.coin();
        s.code.load(size, signed, dst, pointer, place);
        s.set(dst, size == Opcode.B && !signed ? Holding.number(255) : Holding.NUMBER);
      }
    }
  }

  /** Moves a packet pointer by a number of the packet's, and checks it again. */
  private void variable() {
    int pointer = s.find(h -> h.is(Kind.PACKET) && h.most() < 1000);
    int context = base();
    if (pointer < 0 || context < 0) {
      return;
    }
    int index = numbers.bounded(s.coin() ? 15 : 255);
    if (!s.get(pointer).is(Kind.PACKET) || !s.get(context).is(Kind.CONTEXT)) {
      return;
    }
    int to = s.writable();
    int end = s.writable();
    int moved = s.writable();
    boolean distinct =
        to != end && to != moved && end != moved && to != index && end != index && moved != index;
    if (!distinct || end == context || moved == context || to == context) {
      return;
    }
    Holding was = s.get(pointer);
    s.code.mov(to, pointer);
    s.code.aluReg(true, s.slips() ? Opcode.SUB : Opcode.ADD, to, index, 0);
    s.set(to, was.withVariable(s.get(index).most(), s.newId()));
    s.code.load(Opcode.W, false, end, context, 4);
    s.set(end, Holding.of(Kind.END));
    check(to, end, moved, Math.max(1, 1 + s.below(30) - Math.min(0, was.offset())));
    access();
  }

  /** The distance of two pointers, as a number. */
  private void length() {
    int end = s.find(h -> h.is(Kind.END) || h.is(Kind.PACKET));
    int start = s.find(h -> h.is(Kind.PACKET) || h.is(Kind.META));
    if (end < 0 || start < 0) {
      return;
    }
    int dst = s.writable();
    if (dst == start) {
      return;
    }
    s.code.mov(dst, end);
    s.code.aluReg(s.below(4) != 0, Opcode.SUB, dst, start, 0);
    s.set(dst, Holding.NUMBER);
  }

  /** Steps a pointer along, or compares it with a constant. */
  private void move() {
    int pointer = s.find(h -> h.is(Kind.PACKET) || h.is(Kind.META));
    if (pointer < 0 || s.model.isLocked(pointer)) {
      return;
    }
    int by = s.below(3) == 0 ? -s.below(20) : s.below(20);
    s.add(pointer, by);
  }
}
