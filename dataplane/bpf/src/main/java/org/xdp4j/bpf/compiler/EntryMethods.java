package org.xdp4j.bpf.compiler;

import static java.lang.classfile.ClassFile.ACC_PUBLIC;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.MethodTypeDesc;

/** Writes the two ways into a program: for one frame, and for a batch. */
final class EntryMethods {
  /** Up to this size a program is written into the batch's loop once more, instead of called. */
  private static final int INLINE_LIMIT = 6000;

  /** Slots of the batch's loop. */
  private static final int INDEX = 3;

  private static final int SIZE = 4;

  private EntryMethods() {}

  static void build(ProgramClass owner, ClassBuilder cb) {
    cb.withMethodBody("call", Descs.CALL, ACC_PUBLIC, code -> call(owner, code));
    cb.withMethodBody(
        "executeBatch",
        MethodTypeDesc.of(Descs.VOID, Descs.BATCH, Descs.CONTEXT),
        ACC_PUBLIC,
        code -> batch(owner, code));
  }

  private static void call(ProgramClass owner, CodeBuilder cb) {
    long budget = owner.code().options().loopBudget();
    if (budget > 0) {
      cb.aload(1);
      owner.constants().push(cb, budget);
      cb.putfield(Descs.CONTEXT, "loopBudget", Descs.LONG);
    }
    cb.aload(1).lload(2).lload(4).lconst_0().lconst_0().lconst_0().lload(6);
    cb.invokestatic(Descs.PROGRAM, owner.main().name(), Descs.FUNCTION).lreturn();
  }

  /** {@code for (i = batch.done; i < batch.size; i++) { enter; run; leave }}. */
  private static void batch(ProgramClass owner, CodeBuilder cb) {
    Locals locals = Locals.ofBatch();
    cb.aload(1).getfield(Descs.BATCH, "done", Descs.INT).istore(INDEX);
    cb.aload(1).getfield(Descs.BATCH, "size", Descs.INT).istore(SIZE);
    Label test = cb.newLabel();
    Label next = cb.newLabel();
    Label end = cb.newLabel();
    cb.labelBinding(test);
    cb.iload(INDEX).iload(SIZE).if_icmpge(end);
    cb.aload(1).iload(INDEX).aload(2);
    cb.invokevirtual(Descs.BATCH, "enter", MethodTypeDesc.of(Descs.VOID, Descs.INT, Descs.CONTEXT));
    run(owner, cb, locals, next);
    cb.labelBinding(next);
    cb.aload(1).iload(INDEX).aload(2).lload(locals.register(0));
    cb.invokevirtual(
        Descs.BATCH, "leave", MethodTypeDesc.of(Descs.VOID, Descs.INT, Descs.CONTEXT, Descs.LONG));
    cb.iinc(INDEX, 1).goto_(test);
    cb.labelBinding(end);
    cb.return_();
  }

  private static void run(ProgramClass owner, CodeBuilder cb, Locals locals, Label next) {
    Function main = owner.main();
    long budget = owner.code().options().loopBudget();
    int cost = main.graph().blocks().stream().mapToInt(Block::cost).sum();
    if (main.isSplit() || cost > INLINE_LIMIT || budget > 0) {
      cb.aload(0).aload(2);
      cb.aload(2).getfield(Descs.CONTEXT, "address", Descs.LONG).lconst_0();
      cb.aload(2).getfield(Descs.CONTEXT, "stackTop", Descs.LONG);
      cb.invokevirtual(Descs.PROGRAM, "call", Descs.CALL).lstore(locals.register(0));
      return;
    }
    Body body =
        new Body(
            owner,
            cb,
            locals,
            main,
            main.graph().blocks(),
            new Body.Exits() {
              @Override
              public void leave(Body body) {
                body.cb.goto_(next);
              }

              @Override
              public void jump(Body body, int target) {
                throw new IllegalStateException("a jump out of a whole function");
              }
            });
    cb.aload(2).getfield(Descs.CONTEXT, "address", Descs.LONG).lstore(locals.register(1));
    cb.aload(2).getfield(Descs.CONTEXT, "stackTop", Descs.LONG).lstore(locals.register(10));
    FunctionMethods methods = new FunctionMethods(owner, main);
    methods.begin(body, 0b1111111101);
    methods.start(body);
    body.emit();
  }
}
