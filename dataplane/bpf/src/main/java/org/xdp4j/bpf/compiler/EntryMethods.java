package org.xdp4j.bpf.compiler;

import static java.lang.classfile.ClassFile.ACC_PUBLIC;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.MethodTypeDesc;
import org.xdp4j.bpf.context.ThrownException;

/** Writes the ways into a program: for one frame, for a batch, and for a callback. */
final class EntryMethods {
  private EntryMethods() {}

  static void build(ProgramClass owner, ClassBuilder cb) {
    cb.withMethodBody("call", Descs.CALL, ACC_PUBLIC, code -> call(owner, code));
    cb.withMethodBody(
        "call", Descs.CALLBACK, ACC_PUBLIC, code -> new CallbackMethod(owner, code).emit());
    cb.withMethodBody(
        "executeBatch",
        MethodTypeDesc.of(Descs.VOID, Descs.BATCH, Descs.CONTEXT),
        ACC_PUBLIC,
        code -> new BatchMethod(owner, code).emit());
  }

  private static void call(ProgramClass owner, CodeBuilder cb) {
    long budget = owner.code().options().loopBudget();
    if (budget > 0) {
      cb.aload(1);
      owner.constants().push(cb, budget);
      cb.putfield(Descs.CONTEXT, "loopBudget", Descs.LONG);
    }
    if (owner.throwsExceptions()) {
      cb.trying(
          program -> run(owner, program),
          handlers -> handlers.catching(Descs.of(ThrownException.class), end -> end(owner, end)));
    } else {
      run(owner, cb);
    }
  }

  private static void run(ProgramClass owner, CodeBuilder cb) {
    cb.aload(1).lload(2).lload(4).lconst_0().lconst_0().lconst_0().lload(6);
    cb.invokestatic(Descs.PROGRAM, owner.main().name(), Descs.FUNCTION).lreturn();
  }

  /** An exception came up: the run goes on in its callback, or returns what was thrown. */
  private static void end(ProgramClass owner, CodeBuilder cb) {
    cb.pop();
    cb.aload(1);
    int callback = owner.code().exceptionCallback();
    if (callback > 0) {
      cb.aload(1).getfield(Descs.CONTEXT, "thrown", Descs.LONG);
      cb.lconst_0().lconst_0().lconst_0().lconst_0().lload(6);
      cb.invokestatic(Descs.PROGRAM, owner.functionName(callback), Descs.FUNCTION).lreturn();
    } else {
      cb.getfield(Descs.CONTEXT, "thrown", Descs.LONG).lreturn();
    }
  }
}
