package org.xdp4j.bpf.compiler;

import static java.lang.classfile.ClassFile.ACC_PUBLIC;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.MethodTypeDesc;

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
    cb.aload(1).lload(2).lload(4).lconst_0().lconst_0().lconst_0().lload(6);
    cb.invokestatic(Descs.PROGRAM, owner.main().name(), Descs.FUNCTION).lreturn();
  }
}
