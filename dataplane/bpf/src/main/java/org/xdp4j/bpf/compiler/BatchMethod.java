package org.xdp4j.bpf.compiler;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.MethodTypeDesc;

/**
 * Writes {@code executeBatch}: for each frame {@code batch.enter}, the program, {@code
 * batch.leave}, with the program's code in the loop unless it is large. A program that has the
 * frame to itself gets {@link LeanBatch} instead.
 */
final class BatchMethod {
  static final int BATCH = 1;
  static final int CONTEXT = 2;
  static final int INDEX = 3;
  static final int SIZE = 4;

  private final ProgramClass owner;
  private final Function main;
  private final CodeBuilder cb;
  private final Locals locals = Locals.ofBatch();

  BatchMethod(ProgramClass owner, CodeBuilder cb) {
    this.owner = owner;
    this.main = owner.main();
    this.cb = cb;
  }

  void emit() {
    cb.aload(BATCH).getfield(Descs.BATCH, "done", Descs.INT).istore(INDEX);
    cb.aload(BATCH).getfield(Descs.BATCH, "size", Descs.INT).istore(SIZE);
    boolean inlined = isInlined();
    if (inlined && owner.keepsFrameToItself()) {
      new LeanBatch(this, owner, cb, locals).emit();
      return;
    }
    Label test = cb.newBoundLabel();
    Label next = cb.newLabel();
    Label end = cb.newLabel();
    cb.iload(INDEX).iload(SIZE).if_icmpge(end);
    enter();
    if (inlined) {
      Body body = body(next);
      body.loadPacketPointers();
      run(body);
    } else {
      call();
    }
    cb.labelBinding(next);
    leave();
    cb.iinc(INDEX, 1).goto_(test);
    cb.labelBinding(end);
    cb.return_();
  }

  private boolean isInlined() {
    return !main.isSplit() && owner.code().options().loopBudget() == 0 && !owner.catches(0);
  }

  void enter() {
    cb.aload(BATCH).iload(INDEX).aload(CONTEXT);
    cb.invokevirtual(Descs.BATCH, "enter", MethodTypeDesc.of(Descs.VOID, Descs.INT, Descs.CONTEXT));
  }

  private void leave() {
    cb.aload(BATCH).iload(INDEX).aload(CONTEXT).lload(locals.register(0));
    cb.invokevirtual(
        Descs.BATCH, "leave", MethodTypeDesc.of(Descs.VOID, Descs.INT, Descs.CONTEXT, Descs.LONG));
  }

  private void call() {
    cb.aload(0).aload(CONTEXT);
    cb.aload(CONTEXT).getfield(Descs.CONTEXT, "address", Descs.LONG).lconst_0();
    cb.aload(CONTEXT).getfield(Descs.CONTEXT, "stackTop", Descs.LONG);
    cb.invokevirtual(Descs.PROGRAM, "call", Descs.CALL).lstore(locals.register(0));
  }

  /** The program's code, which goes to {@code next} when it exits. */
  Body body(Label next) {
    return new Body(
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
  }

  /** Writes the program's code, the packet's pointers being loaded. */
  void run(Body body) {
    begin(owner, body);
    body.emit();
  }

  /** Sets the registers as a program finds them. */
  static void begin(ProgramClass owner, Body body) {
    CodeBuilder cb = body.cb;
    cb.aload(CONTEXT).getfield(Descs.CONTEXT, "address", Descs.LONG);
    body.put(1);
    cb.aload(CONTEXT).getfield(Descs.CONTEXT, "stackTop", Descs.LONG);
    body.put(10);
    FunctionMethods methods = new FunctionMethods(owner, owner.main());
    methods.begin(body, 0b1111111101);
    methods.start(body);
  }
}
