package org.xdp4j.bpf.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.xdp4j.bpf.generate.Holding.Kind;
import org.xdp4j.bpf.isa.Opcode;

/** Branches, loops and calls of subprograms, around statements that others write. */
final class FlowWriter {
  /** Subprograms a program has at the most. */
  private static final int SUBPROGRAMS = 3;

  /**
   * A subprogram to be written once its caller is done.
   *
   * @param arguments what r1 to r5 hold when it is called
   * @param keepsPacket whether it must not move the packet
   */
  record Pending(int label, Holding[] arguments, boolean keepsPacket, int depth, Role role) {}

  /** What a function is to its callers. */
  enum Role {
    STATIC,
    /** Proved by itself, with one number as its argument. */
    GLOBAL,
    CALLBACK
  }

  private final Scribe s;
  private final NumberWriter numbers;
  private final List<Pending> pending = new ArrayList<>();
  private int subprograms;
  private int depth;
  private boolean inLoop;

  FlowWriter(Scribe scribe, NumberWriter numbers) {
    this.s = scribe;
    this.numbers = numbers;
  }

  List<Pending> pending() {
    return pending;
  }

  /** Statements of the function at this call depth follow. */
  void enter(int callDepth) {
    depth = callDepth;
    inLoop = false;
  }

  /** An if, with or without an else; in loops few, for there paths multiply. */
  void branch(Runnable body) {
    if (inLoop && s.below(3) != 0) {
      numbers.write();
      return;
    }
    int skip = s.code.newLabel();
    numbers.jump(skip);
    Model taken = s.model.copy();
    body.run();
    if (s.below(3) != 0) {
      s.land(skip, taken);
      return;
    }
    int end = s.code.newLabel();
    s.code.jump(s.below(4) == 0, end);
    Model passed = s.model;
    s.model = taken;
    s.code.place(skip);
    body.run();
    s.land(end, passed);
  }

  /** A counted loop, or one that may_goto ends. */
  void loop(Runnable body) {
    int counter = s.saved();
    if (counter < 0 || inLoop) {
      numbers.write();
      return;
    }
    boolean outer = inLoop;
    inLoop = true;
    boolean counted = s.below(3) != 0;
    int head = s.code.newLabel();
    int end = s.code.newLabel();
    if (counted) {
      s.code.movImm(counter, 0);
      s.set(counter, Holding.NUMBER);
      s.model.locked |= 1 << counter;
    }
    forget();
    Model before = s.model.copy();
    s.code.place(head);
    if (!counted) {
      s.code.mayGoto(end);
    }
    body.run();
    restore(before);
    if (counted) {
      s.code.aluImm(true, Opcode.ADD, counter, 1);
      s.code.jumpImm(s.coin(), s.coin() ? Opcode.JLT : Opcode.JSLT, counter, 1 + s.below(4), head);
      s.model.locked &= ~(1 << counter);
    } else {
      s.code.jump(false, head);
      s.model = before;
      s.code.place(end);
    }
    inLoop = outer;
  }

  /** Each turn must find what the first one found: only what will not change is relied on. */
  private void forget() {
    s.model.replaceAll(
        h ->
            h.isNumber()
                ? Holding.NUMBER
                : h.is(Kind.STACK) || h.is(Kind.CONTEXT) ? h : Holding.NOTHING);
    for (int i = 0; i < Model.SLOTS; i++) {
      s.model.slots[i] = Holding.NOTHING;
    }
  }

  private void restore(Model before) {
    for (int r = 0; r < 10; r++) {
      if (before.registers[r].isNumber() && !s.get(r).isNumber()) {
        s.code.movImm(r, s.below(50));
        s.set(r, Holding.NUMBER);
      } else if (before.registers[r].is(Kind.STACK) && !s.get(r).equals(before.registers[r])) {
        s.code.mov(r, 10);
        s.add(r, before.registers[r].offset());
      }
    }
    for (int i = 0; i < Model.SLOTS; i++) {
      s.model.slots[i] = Holding.NOTHING;
    }
  }

  /**
   * Announces a callback with these arguments.
   *
   * @return its label, or -1 when there are enough functions
   */
  int callback(Holding... given) {
    if (subprograms == SUBPROGRAMS || depth >= 2 || inLoop) {
      return -1;
    }
    subprograms++;
    Holding[] arguments = new Holding[6];
    for (int r = 1; r <= 5; r++) {
      arguments[r] = r <= given.length ? given[r - 1] : Holding.NOTHING;
    }
    int label = s.code.newLabel();
    pending.add(new Pending(label, arguments, true, depth + 1, Role.CALLBACK));
    return label;
  }

  /** A loop's turns begin: only what they do not change is relied on. */
  Model beginTurns() {
    inLoop = true;
    forget();
    return s.model.copy();
  }

  /** A turn ends: what it changed is put back. */
  void endTurns(Model before) {
    restore(before);
    inLoop = false;
  }

  /** Calls a subprogram of its own, with what happens to be in r1 to r5. */
  void call() {
    if (subprograms == SUBPROGRAMS || depth >= 3 || inLoop && s.coin()) {
      numbers.write();
      return;
    }
    subprograms++;
    Holding[] arguments = new Holding[6];
    for (int r = 1; r <= 5; r++) {
      Holding h = s.get(r);
      boolean passed =
          switch (h.kind()) {
            case NUMBER, CONTEXT, PACKET, META, END, VALUE, MAYBE_VALUE, ARENA -> true;
            default -> false;
          };
      arguments[r] = passed ? h : h.is(Kind.STACK) ? h.as(Kind.OUTER_STACK) : Holding.NOTHING;
    }
    boolean global = arguments[1].isNumber() && s.below(3) == 0;
    if (global) {
      Arrays.fill(arguments, Holding.NOTHING);
      arguments[1] = Holding.NUMBER;
    }
    int from = global ? -1 : s.find(Kind.CONTEXT);
    if (!arguments[1].is(Kind.CONTEXT) && from >= 6 && s.coin()) {
      s.code.mov(1, from);
      arguments[1] = Holding.CONTEXT;
    }
    boolean keepsPacket = !s.mayMove || s.coin();
    int label = s.code.newLabel();
    pending.add(
        new Pending(label, arguments, keepsPacket, depth + 1, global ? Role.GLOBAL : Role.STATIC));
    s.code.callSubprogram(label);
    s.model.clobber();
    if (!keepsPacket) {
      s.model.losePackets();
    }
    // What the callee did through a pointer to our stack is not known.
    for (int i = 0; i < Model.SLOTS; i++) {
      s.model.slots[i] = Holding.NOTHING;
    }
    s.set(0, Holding.NUMBER);
  }
}
