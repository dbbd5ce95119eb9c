package org.xdp4j.bpf.compiler;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ConstantDescs;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.helper.CallbackHelpers;
import org.xdp4j.bpf.helper.HelperSpec;

/**
 * Calls of helpers that call back. {@code bpf_loop} with one known function and no flags becomes a
 * loop that calls the function's method; other helpers are told whose functions they may call, and
 * from where they are called.
 */
final class CallbackEmitter {
  private final Body body;
  private final ProgramClass owner;
  private final CodeBuilder cb;
  private final Locals locals;

  CallbackEmitter(Body body, ProgramClass owner) {
    this.body = body;
    this.owner = owner;
    this.cb = body.cb;
    this.locals = body.locals;
  }

  /** Whether the call is done with that, and not left to the helper. */
  boolean emit(int at) {
    int function = body.code.callbackAt(at);
    if (body.code.at(at).imm() == HelperSpec.LOOP && function >= 0) {
      loop(function);
      return true;
    }
    cb.aload(locals.context()).getstatic(Descs.PROGRAM, ProgramClass.SELF, Descs.BASE);
    cb.putfield(Descs.CONTEXT, "subprograms", Descs.SUBPROGRAMS);
    cb.aload(locals.context());
    pushCalleeFrame();
    cb.putfield(Descs.CONTEXT, "calleeFrame", Descs.LONG);
    cb.aload(locals.context()).loadConstant(at);
    cb.putfield(Descs.CONTEXT, "caller", ConstantDescs.CD_int);
    return false;
  }

  private void pushCalleeFrame() {
    body.get(10).push((long) XdpContext.STACK_SIZE);
    cb.lsub();
  }

  /**
   * {@code for (i = 0; i < r1; i++) if (f(i, r3) != 0) break}, r0 being how often f was called, or
   * an errno, as {@link CallbackHelpers#inlinedLoop} has it.
   */
  private void loop(int function) {
    Label end = cb.newLabel();
    Label tooOften = cb.newLabel();
    Label next = cb.newLabel();
    Label done = cb.newLabel();
    int count = locals.scratch();
    body.get(1).push(CallbackHelpers.MAX_LOOPS);
    cb.invokestatic(Descs.of(Long.class), "compareUnsigned", Descs.COMPARE).ifgt(tooOften);
    cb.lconst_0().lstore(count);
    cb.labelBinding(next);
    cb.lload(count);
    body.get(1);
    cb.lcmp().ifge(done);
    cb.aload(locals.context()).lload(count);
    body.get(3);
    cb.lconst_0().lconst_0().lconst_0();
    pushCalleeFrame();
    cb.invokestatic(Descs.PROGRAM, owner.functionName(function), Descs.FUNCTION);
    cb.lload(count).lconst_1().ladd().lstore(count);
    cb.lconst_0().lcmp().ifeq(next);
    cb.labelBinding(done);
    cb.lload(count);
    body.put(0);
    cb.goto_(end);
    cb.labelBinding(tooOften);
    body.push(CallbackHelpers.INLINED_E2BIG).put(0);
    cb.labelBinding(end);
    if (owner.movesPacket(function)) {
      body.loadPacketPointers();
    }
  }
}
