package org.xdp4j.bpf.compiler;

import static java.lang.classfile.ClassFile.ACC_STATIC;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.instruction.SwitchCase;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a function as one method, or as several and one that runs them. Between parts, live
 * registers go through {@code XdpContext.handover}; a part answers the number of the entry to go on
 * at, of which the upper 16 bits are the part.
 */
final class FunctionMethods {
  /** What a part answers when the function returns; r0 is in the handover. */
  private static final int RETURNED = -1;

  /** Slot of the handover for what {@code may_goto} has left, behind the registers. */
  private static final int BUDGET = Effects.REGISTERS;

  /** {@code BPF_MAX_LOOPS} (linux/bpf.h). */
  private static final long MAX_LOOPS = 8L << 20;

  /** Parts one method chooses among; more need another layer. */
  private static final int FAN = 256;

  private final ProgramClass owner;
  private final Function function;

  FunctionMethods(ProgramClass owner, Function function) {
    this.owner = owner;
    this.function = function;
  }

  void build(ClassBuilder cb) {
    if (function.graph().blocks().isEmpty()) {
      // A callback whose address is taken, but for a loop of no rounds.
      cb.withMethodBody(
          function.name(), Descs.FUNCTION, ACC_STATIC, code -> code.lconst_0().lreturn());
      return;
    }
    if (!function.isSplit()) {
      cb.withMethodBody(function.name(), Descs.FUNCTION, ACC_STATIC, this::whole);
      return;
    }
    int parts = function.chunks().size();
    for (Function.Chunk chunk : function.chunks()) {
      cb.withMethodBody(
          partName(chunk.number()), Descs.CHUNK, ACC_STATIC, code -> part(code, chunk));
    }
    for (int group = 0; parts > FAN && group * FAN < parts; group++) {
      int first = group * FAN;
      int count = Math.min(FAN, parts - first);
      cb.withMethodBody(
          groupName(group), Descs.CHUNK, ACC_STATIC, code -> group(code, first, count));
    }
    cb.withMethodBody(function.name(), Descs.FUNCTION, ACC_STATIC, this::dispatcher);
  }

  private String partName(int number) {
    return function.name() + "_" + number;
  }

  private String groupName(int number) {
    return function.name() + "g" + number;
  }

  private void whole(CodeBuilder cb) {
    Locals locals = Locals.ofFunction();
    Body body =
        new Body(
            owner,
            cb,
            locals,
            function,
            function.graph().blocks(),
            new Body.Exits() {
              @Override
              public void leave(Body body) {
                body.get(0).cb.lreturn();
              }

              @Override
              public void jump(Body body, int target) {
                throw new IllegalStateException("a jump out of a whole function");
              }
            });
    body.loadPacketPointers();
    begin(body, 0b1111000001);
    start(body);
    body.emit();
  }

  /** Sets registers that may be read uninitialised, and what comes with the function. */
  void begin(Body body, int registers) {
    for (int register = 0; register < Effects.REGISTERS; register++) {
      if ((registers >> register & 1) != 0) {
        body.cb.lconst_0().lstore(body.locals.register(register));
      }
    }
    if (function.usesBudget()) {
      body.push(MAX_LOOPS).cb.lstore(body.locals.budget());
    }
    body.stack.clear();
    body.pinFramePointer();
  }

  /** The first block need not be the function's first. */
  void start(Body body) {
    if (function.graph().blocks().getFirst().start() != function.graph().start()) {
      body.cb.goto_(body.label(function.graph().start()));
    }
  }

  private void part(CodeBuilder cb, Function.Chunk chunk) {
    Body body =
        new Body(owner, cb, Locals.ofChunk(), function, chunk.blocks(), new PartExits(function));
    int live = 0;
    for (int entry : chunk.entries()) {
      live |= function.liveAt(entry);
    }
    body.loadPacketPointers();
    begin(body, ~live & (1 << Effects.REGISTERS) - 1);
    cb.aload(body.locals.context()).getfield(Descs.CONTEXT, "handover", Descs.LONGS);
    cb.astore(body.locals.scratch());
    for (int register = 0; register < Effects.REGISTERS; register++) {
      if ((live >> register & 1) != 0) {
        load(body, register, body.locals.register(register));
      }
    }
    if (function.usesBudget()) {
      load(body, BUDGET, body.locals.budget());
    }
    enter(body, chunk);
    body.emit();
  }

  private static void load(Body body, int slot, int local) {
    body.cb.aload(body.locals.scratch()).loadConstant(slot).laload().lstore(local);
  }

  private static void enter(Body body, Function.Chunk chunk) {
    List<Integer> entries = chunk.entries();
    if (entries.size() == 1) {
      if (!entries.getFirst().equals(chunk.blocks().getFirst().start())) {
        body.cb.goto_(body.label(entries.getFirst()));
      }
      return;
    }
    List<SwitchCase> cases = new ArrayList<>();
    for (int i = 1; i < entries.size(); i++) {
      cases.add(SwitchCase.of(i, body.label(entries.get(i))));
    }
    body.cb.iload(3).loadConstant(0xffff).iand();
    body.cb.tableswitch(1, entries.size() - 1, body.label(entries.getFirst()), cases);
  }

  /** How a part ends: what is alive goes into the handover. */
  private record PartExits(Function function) implements Body.Exits {
    @Override
    public void leave(Body body) {
      save(body, 1);
      body.cb.loadConstant(RETURNED).ireturn();
    }

    @Override
    public void jump(Body body, int target) {
      save(body, function.liveAt(target));
      if (function.usesBudget()) {
        store(body, BUDGET, body.locals.budget());
      }
      body.push(function.entryNumber(target)).cb.ireturn();
    }

    private static void save(Body body, int registers) {
      body.cb.aload(body.locals.context()).getfield(Descs.CONTEXT, "handover", Descs.LONGS);
      body.cb.astore(body.locals.scratch());
      for (int register = 0; register < Effects.REGISTERS; register++) {
        if ((registers >> register & 1) != 0) {
          store(body, register, body.locals.register(register));
        }
      }
    }

    private static void store(Body body, int slot, int local) {
      body.cb.aload(body.locals.scratch()).loadConstant(slot).lload(local).lastore();
    }
  }

  /** Runs parts until one returns: {@code next} is in slot 3 of a group, in 13 of the function. */
  private void dispatcher(CodeBuilder cb) {
    Locals locals = Locals.ofFunction();
    int handover = locals.scratch();
    int next = locals.register(0);
    cb.aload(0).getfield(Descs.CONTEXT, "handover", Descs.LONGS).astore(handover);
    int live = function.liveAt(function.graph().start());
    for (int register = 0; register < Effects.REGISTERS; register++) {
      if ((live >> register & 1) != 0) {
        cb.aload(handover).loadConstant(register);
        if (register >= 1 && register <= 5) {
          cb.lload(locals.register(register));
        } else {
          cb.lconst_0();
        }
        cb.lastore();
      }
    }
    if (function.usesBudget()) {
      cb.aload(handover).loadConstant(BUDGET);
      owner.constants().push(cb, MAX_LOOPS);
      cb.lastore();
    }
    owner.constants().push(cb, function.entryNumber(function.graph().start()));
    cb.istore(next);
    int parts = function.chunks().size();
    Label returned =
        parts > FAN
            ? choose(cb, locals.register(10), next, 24, 0, (parts - 1) / FAN + 1, this::groupName)
            : choose(cb, locals.register(10), next, 16, 0, parts, this::partName);
    cb.labelBinding(returned);
    cb.aload(handover).iconst_0().laload().lreturn();
  }

  private void group(CodeBuilder cb, int first, int count) {
    Label elsewhere = choose(cb, 1, 3, 16, first, count, this::partName);
    cb.labelBinding(elsewhere);
    cb.iload(3).ireturn();
  }

  /** The loop {@code while (next is one of these) next = part(context, r10, next)}. */
  private static Label choose(
      CodeBuilder cb,
      int framePointer,
      int next,
      int shift,
      int first,
      int count,
      java.util.function.IntFunction<String> names) {
    Label loop = cb.newBoundLabel();
    Label elsewhere = cb.newLabel();
    List<SwitchCase> cases = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      cases.add(SwitchCase.of(first + i, cb.newLabel()));
    }
    cb.iload(next).loadConstant(shift).iushr();
    cb.tableswitch(first, first + count - 1, elsewhere, cases);
    for (int i = 0; i < count; i++) {
      cb.labelBinding(cases.get(i).target());
      cb.aload(0).lload(framePointer).iload(next);
      cb.invokestatic(Descs.PROGRAM, names.apply(first + i), Descs.CHUNK);
      cb.istore(next).goto_(loop);
    }
    return elsewhere;
  }
}
