package org.xdp4j.bpf.compiler;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.helper.ArgumentKind;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.helper.MapHelpers;
import org.xdp4j.bpf.helper.RedirectHelpers;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.DevMap;
import org.xdp4j.bpf.map.DeviceSlots;
import org.xdp4j.bpf.map.LpmTrieMap;

/** Calls of helpers, subprograms and, by tail call, other programs. */
final class CallEmitter {
  private final Body body;
  private final ProgramClass owner;
  private final Body.Exits exits;
  private final CodeBuilder cb;
  private final Locals locals;

  CallEmitter(Body body, ProgramClass owner, Body.Exits exits) {
    this.body = body;
    this.exits = exits;
    this.owner = owner;
    this.cb = body.cb;
    this.locals = body.locals;
  }

  void emit(int at) {
    switch (body.code.at(at).src()) {
      case Opcode.PSEUDO_CALL -> subprogram(at);
      default -> helper(at);
    }
  }

  private void subprogram(int at) {
    body.spendBudget();
    if (!body.code.verified()) {
      cb.aload(locals.context()).lload(locals.register(10));
      cb.invokestatic(
          Descs.SUPPORT, "checkFrame", MethodTypeDesc.of(Descs.VOID, Descs.CONTEXT, Descs.LONG));
    }
    cb.aload(locals.context());
    arguments();
    body.get(10).push((long) XdpContext.STACK_SIZE);
    cb.lsub();
    int target = body.code.target(at);
    cb.invokestatic(Descs.PROGRAM, owner.functionName(target), Descs.FUNCTION);
    body.put(0);
    if (owner.movesPacket(target)) {
      body.loadPacketPointers();
    }
  }

  private void arguments() {
    for (int register = 1; register <= 5; register++) {
      body.get(register);
    }
  }

  private void helper(int at) {
    Instruction insn = body.code.at(at);
    if (body.code.isTailCall(at)) {
      tailCall(at);
    } else if (insn.isHelperCall() && body.code.mapAt(at) != null && isMapAccess(insn.imm())) {
      mapAccess(at, insn.imm());
    } else {
      HelperSpec helper = body.code.helperAt(at);
      if (helper == null) {
        String what = insn.isHelperCall() ? "helper " : "kernel function ";
        throw CompileException.at(at, "calls " + what + insn.imm() + ", which is not known");
      }
      if (helper.id() == HelperSpec.REDIRECT_MAP && body.code.mapAt(at) != null) {
        redirectMap(body.code.mapAt(at));
        return;
      }
      if (helper.owner() == MapHelpers.class && helper.id() == HelperSpec.MAP_LOOKUP_ELEM) {
        lookup(at);
        return;
      }
      boolean callsBack = helper.arguments().contains(ArgumentKind.FUNCTION);
      boolean asksForTypes = helper.returns().dependsOnTypes();
      if ((callsBack || asksForTypes) && new CallbackEmitter(body, owner).emit(at)) {
        return;
      }
      spillReads(at, helper.arguments().size());
      cb.aload(locals.context());
      arguments();
      cb.invokestatic(Descs.of(helper.owner()), helper.method(), Descs.HELPER);
      body.put(0);
      if (helper.movesPacket() || callsBack) {
        body.loadPacketPointers();
      }
    }
  }

  private void lookup(int at) {
    spillReads(at, 2);
    cb.aload(locals.context());
    body.get(1).get(2);
    cb.invokestatic(
        Descs.SUPPORT,
        "lookup",
        MethodTypeDesc.of(Descs.LONG, Descs.CONTEXT, Descs.LONG, Descs.LONG));
    body.put(0);
  }

  private void redirectMap(BpfMap map) {
    ClassDesc known = Descs.MAP;
    cb.aload(locals.context());
    if (map instanceof DevMap devices) {
      known = Descs.of(DeviceSlots.class);
      cb.getstatic(Descs.PROGRAM, owner.readerField(map, devices.deviceSlots()), known);
    } else {
      cb.getstatic(Descs.PROGRAM, owner.mapField(map), known);
    }
    body.get(2).get(3);
    cb.invokestatic(
        Descs.of(RedirectHelpers.class),
        "redirectMap",
        MethodTypeDesc.of(Descs.LONG, Descs.CONTEXT, known, Descs.LONG, Descs.LONG));
    body.put(0);
  }

  /** What a helper reads of the stack has to be in memory. */
  private void spillReads(int at, int arguments) {
    for (int register = 1; register <= arguments; register++) {
      StackWords.Range range = body.words.reads(at, register);
      if (range != null) {
        body.stack.spill(range);
      }
    }
  }

  private static boolean isMapAccess(int helper) {
    return helper == HelperSpec.MAP_LOOKUP_ELEM
        || helper == HelperSpec.MAP_UPDATE_ELEM
        || helper == HelperSpec.MAP_DELETE_ELEM;
  }

  /** The map is a constant, so HotSpot knows its exact class and may inline its method. */
  private void mapAccess(int at, int helper) {
    BpfMap map = body.code.mapAt(at);
    if (helper == HelperSpec.MAP_LOOKUP_ELEM && ArrayLookup.isFor(map)) {
      new ArrayLookup(body).emit(at, map);
      return;
    }
    if (helper == HelperSpec.MAP_LOOKUP_ELEM && HashLookup.isFor(map)) {
      new HashLookup(body, owner, map).emit(at);
      return;
    }
    if (helper == HelperSpec.MAP_LOOKUP_ELEM && LpmLookup.isFor(map)) {
      new LpmLookup(body, owner, map).emit(at);
      return;
    }
    if (helper == HelperSpec.MAP_LOOKUP_ELEM && LpmPathLookup.isFor(map)) {
      new LpmPathLookup(body, owner, map).emit(at);
      return;
    }
    spillReads(at, 3);
    cb.getstatic(Descs.PROGRAM, owner.mapField(map), Descs.MAP);
    if (helper != HelperSpec.MAP_LOOKUP_ELEM) {
      cb.aload(locals.context());
      cb.invokestatic(Descs.SUPPORT, "map", MethodTypeDesc.of(Descs.MAP, Descs.MAP, Descs.CONTEXT));
    }
    body.get(2);
    switch (helper) {
      case HelperSpec.MAP_LOOKUP_ELEM -> {
        pushCpu();
        cb.invokevirtual(Descs.MAP, "lookup", MethodTypeDesc.of(Descs.LONG, Descs.LONG, Descs.INT));
        enterFound(map);
      }
      case HelperSpec.MAP_UPDATE_ELEM -> {
        body.get(3).get(4);
        pushCpu();
        cb.invokevirtual(
            Descs.MAP,
            "update",
            MethodTypeDesc.of(Descs.LONG, Descs.LONG, Descs.LONG, Descs.LONG, Descs.INT));
      }
      default -> cb.invokevirtual(Descs.MAP, "delete", MethodTypeDesc.of(Descs.LONG, Descs.LONG));
    }
    body.put(0);
  }

  /** What is found in a map of maps is a map. */
  private void enterFound(BpfMap map) {
    if (map.hashLayout() != null || map instanceof LpmTrieMap) {
      body.get(2);
      cb.getstatic(Descs.PROGRAM, owner.mapField(map), Descs.MAP).aload(locals.context());
      cb.invokestatic(
          Descs.SUPPORT,
          "found",
          MethodTypeDesc.of(Descs.LONG, Descs.LONG, Descs.LONG, Descs.MAP, Descs.CONTEXT));
      return;
    }
    cb.aload(locals.context());
    body.push(map.spec().valueSize());
    cb.invokestatic(
        Descs.SUPPORT,
        "value",
        MethodTypeDesc.of(Descs.LONG, Descs.LONG, Descs.CONTEXT, Descs.INT));
  }

  private void pushCpu() {
    cb.aload(locals.context()).getfield(Descs.CONTEXT, "cpu", Descs.INT);
  }

  /** The other program's r0 is this function's; without a program to call it goes on. */
  private void tailCall(int at) {
    BpfMap map = body.code.mapAt(at);
    Label goesOn = cb.newLabel();
    int target = locals.scratch();
    cb.aload(locals.context());
    if (map != null) {
      cb.getstatic(Descs.PROGRAM, owner.mapField(map), Descs.MAP);
    } else {
      cb.aload(locals.context()).getfield(Descs.CONTEXT, "region", Descs.REGION);
      body.get(2);
      cb.invokestatic(Descs.MAP, "at", MethodTypeDesc.of(Descs.MAP, Descs.REGION, Descs.LONG));
    }
    body.getInt(3);
    cb.invokestatic(
        Descs.SUPPORT,
        "tailCall",
        MethodTypeDesc.of(Descs.EXECUTABLE, Descs.CONTEXT, Descs.MAP, Descs.INT));
    cb.astore(target).aload(target).ifnull(goesOn);
    cb.aload(target).aload(locals.context());
    body.get(10);
    cb.invokeinterface(
        Descs.EXECUTABLE, "execute", MethodTypeDesc.of(Descs.LONG, Descs.CONTEXT, Descs.LONG));
    body.put(0);
    exits.leave(body);
    cb.labelBinding(goesOn);
  }
}
