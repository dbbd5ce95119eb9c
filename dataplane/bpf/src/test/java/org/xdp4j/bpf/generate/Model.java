package org.xdp4j.bpf.generate;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.xdp4j.bpf.generate.Holding.Kind;

/** What registers and stack hold at the point where a program is being written. */
final class Model {
  /** Slots of 8 bytes below r10 that statements use as they like. */
  static final int SLOTS = 10;

  final Holding[] registers = new Holding[11];
  final Holding[] slots = new Holding[SLOTS];

  /** A bit a register that must keep what it holds. */
  int locked = 1 << 10;

  /** Nothing more is known: code here cannot be reached. */
  boolean dead;

  Model() {
    Arrays.fill(registers, Holding.NOTHING);
    Arrays.fill(slots, Holding.NOTHING);
    registers[10] = Holding.of(Kind.STACK);
  }

  Model copy() {
    Model copy = new Model();
    System.arraycopy(registers, 0, copy.registers, 0, registers.length);
    System.arraycopy(slots, 0, copy.slots, 0, SLOTS);
    copy.locked = locked;
    copy.dead = dead;
    return copy;
  }

  /** Takes over what holds both here and in {@code other}. */
  void merge(Model other) {
    if (other.dead) {
      return;
    }
    for (int i = 0; i < registers.length; i++) {
      registers[i] = dead ? other.registers[i] : both(registers[i], other.registers[i]);
    }
    for (int i = 0; i < SLOTS; i++) {
      slots[i] = dead ? other.slots[i] : both(slots[i], other.slots[i]);
    }
    dead = false;
  }

  private static Holding both(Holding a, Holding b) {
    if (a.equals(b)) {
      return a;
    }
    if (a.isNumber() && b.isNumber()) {
      return Holding.number(a.most() < 0 || b.most() < 0 ? -1 : Math.max(a.most(), b.most()));
    }
    boolean samePlace =
        a.kind() == b.kind()
            && a.map() == b.map()
            && a.id() == b.id()
            && a.offset() == b.offset()
            && a.most() == b.most();
    return samePlace ? a.withProved(Math.min(a.proved(), b.proved())) : Holding.NOTHING;
  }

  void replaceAll(UnaryOperator<Holding> change) {
    Arrays.setAll(registers, i -> change.apply(registers[i]));
    Arrays.setAll(slots, i -> change.apply(slots[i]));
  }

  /** The packet moved: pointers into it are numbers now. */
  void losePackets() {
    replaceAll(h -> h.is(Kind.PACKET) || h.is(Kind.META) || h.is(Kind.END) ? Holding.NUMBER : h);
  }

  void clobber() {
    Arrays.fill(registers, 0, 6, Holding.NOTHING);
  }

  boolean isLocked(int register) {
    return (locked >>> register & 1) != 0;
  }
}
