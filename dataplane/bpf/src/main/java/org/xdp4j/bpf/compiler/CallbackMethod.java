package org.xdp4j.bpf.compiler;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.context.XdpContext;

/**
 * Writes {@code Subprograms.call}: the way in for helpers that call back, by the function's start.
 */
final class CallbackMethod {
  private static final int CONTEXT = 1;
  private static final int FUNCTION = 2;
  private static final int FIRST_ARGUMENT = 4;
  private static final int FRAME_POINTER = 14;

  private final ProgramClass owner;
  private final CodeBuilder cb;

  CallbackMethod(ProgramClass owner, CodeBuilder cb) {
    this.owner = owner;
    this.cb = cb;
  }

  void emit() {
    if (!owner.code().verified()) {
      checkUnverified();
    }
    List<SwitchCase> cases = new ArrayList<>();
    Map<Integer, Function> callbacks = owner.callbacks();
    callbacks.keySet().forEach(start -> cases.add(SwitchCase.of(start, cb.newLabel())));
    Label none = cb.newLabel();
    cb.lload(FUNCTION).l2i();
    cb.lookupswitch(none, cases);
    for (SwitchCase target : cases) {
      cb.labelBinding(target.target());
      cb.aload(CONTEXT);
      for (int i = 0; i < 5; i++) {
        cb.lload(FIRST_ARGUMENT + 2 * i);
      }
      cb.lload(FRAME_POINTER);
      String name = callbacks.get(target.caseValue()).name();
      cb.invokestatic(Descs.PROGRAM, name, Descs.FUNCTION).lreturn();
    }
    cb.labelBinding(none);
    cb.invokestatic(
        Descs.SUPPORT, "noCallback", MethodTypeDesc.of(Descs.of(RuntimeException.class)));
    cb.athrow();
  }

  /** A program that was not verified may call itself back for ever. */
  private void checkUnverified() {
    cb.aload(CONTEXT).lload(FRAME_POINTER);
    owner.constants().push(cb, (long) XdpContext.STACK_SIZE);
    cb.ladd();
    cb.invokestatic(
        Descs.SUPPORT, "checkFrame", MethodTypeDesc.of(Descs.VOID, Descs.CONTEXT, Descs.LONG));
    if (owner.code().options().loopBudget() > 0) {
      cb.aload(CONTEXT);
      cb.invokestatic(Descs.SUPPORT, "spend", MethodTypeDesc.of(Descs.VOID, Descs.CONTEXT));
    }
  }
}
