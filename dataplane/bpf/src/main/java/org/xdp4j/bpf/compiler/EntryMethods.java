package org.xdp4j.bpf.compiler;

import static java.lang.classfile.ClassFile.ACC_PUBLIC;
import static java.lang.classfile.ClassFile.ACC_STATIC;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.MethodTypeDesc;
import org.xdp4j.bpf.context.ThrownException;

/**
 * Writes the ways into a program: for one frame, for a batch, and for a callback; and into each
 * program that others were put into or that was put into another, where exceptions end in it.
 */
final class EntryMethods {
  /** The local that r10 comes in, after the context and r1 to r5. */
  private static final int FRAME_POINTER = 11;

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
    owner
        .catchers()
        .forEach(
            (start, function) ->
                cb.withMethodBody(
                    owner.functionName(start),
                    Descs.FUNCTION,
                    ACC_STATIC,
                    code -> catching(owner, start, function, code)));
  }

  private static void call(ProgramClass owner, CodeBuilder cb) {
    long budget = owner.code().options().loopBudget();
    if (budget > 0) {
      cb.aload(1);
      owner.constants().push(cb, budget);
      cb.putfield(Descs.CONTEXT, "loopBudget", Descs.LONG);
    }
    cb.aload(1).lload(2).lload(4).lconst_0().lconst_0().lconst_0().lload(6);
    cb.invokestatic(Descs.PROGRAM, owner.functionName(0), Descs.FUNCTION).lreturn();
  }

  /** The function, and what becomes of an exception that comes up to it. */
  private static void catching(ProgramClass owner, int start, Function function, CodeBuilder cb) {
    cb.trying(
        program -> {
          program.aload(0).lload(1).lload(3).lload(5).lload(7).lload(9).lload(FRAME_POINTER);
          program.invokestatic(Descs.PROGRAM, function.name(), Descs.FUNCTION).lreturn();
        },
        handlers ->
            handlers.catching(
                Descs.of(ThrownException.class),
                end -> end(owner, owner.code().exceptionCallbacks().get(start), end)));
  }

  /** An exception came up: its callback takes the program's place, or what was thrown is r0. */
  private static void end(ProgramClass owner, int callback, CodeBuilder cb) {
    cb.pop();
    if (callback > 0) {
      cb.aload(0).dup().getfield(Descs.CONTEXT, "thrown", Descs.LONG);
      cb.lconst_0().lconst_0().lconst_0().lconst_0().lload(FRAME_POINTER);
      cb.invokestatic(Descs.PROGRAM, owner.functionName(callback), Descs.FUNCTION).lreturn();
    } else {
      cb.aload(0).getfield(Descs.CONTEXT, "thrown", Descs.LONG).lreturn();
    }
  }
}
