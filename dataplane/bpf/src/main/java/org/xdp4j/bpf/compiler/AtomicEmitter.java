package org.xdp4j.bpf.compiler;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.verifier.MemoryKind;

/** Atomic operations (RFC 9669 section 5.3), load-acquire and store-release (linux/bpf.h). */
final class AtomicEmitter {
  private final Body body;
  private final CodeBuilder cb;

  /** Whether it works on an arena's memory, whose place is in a local variable then. */
  private boolean inArena;

  AtomicEmitter(Body body) {
    this.body = body;
    this.cb = body.cb;
  }

  void emit(int at) {
    Instruction insn = body.code.at(at);
    if (body.code.isContextAccess(at)) {
      throw CompileException.at(at, "does an atomic operation on the context");
    }
    if (body.code.kind(at) == MemoryKind.ARENA) {
      inArena = true;
      new ArenaEmitter(body).atomic(at, insn, () -> emit(at, insn));
    } else if (body.code.kind(at) == MemoryKind.PROBED && insn.imm() == Opcode.LOAD_ACQ) {
      new MemoryEmitter(body).probe(insn, false);
    } else {
      emit(at, insn);
    }
  }

  private void emit(int at, Instruction insn) {
    int size = insn.opcode() & 0x18;
    body.pushSegment();
    switch (insn.imm()) {
      case Opcode.LOAD_ACQ -> loadAcquire(insn, size);
      case Opcode.STORE_REL -> storeRelease(insn, size);
      default -> operate(at, insn, size);
    }
  }

  private void loadAcquire(Instruction insn, int size) {
    address(insn.src(), insn);
    cb.invokestatic(
        Descs.ATOMICS,
        "acquire" + suffix(size),
        MethodTypeDesc.of(Descs.LONG, Descs.SEGMENT, Descs.LONG));
    body.put(insn.dst());
  }

  private void storeRelease(Instruction insn, int size) {
    address(insn.dst(), insn);
    body.get(insn.src());
    cb.invokestatic(
        Descs.ATOMICS,
        "release" + suffix(size),
        MethodTypeDesc.of(Descs.VOID, Descs.SEGMENT, Descs.LONG, Descs.LONG));
  }

  private void operate(int at, Instruction insn, int size) {
    if (size != Opcode.W && size != Opcode.DW) {
      throw body.code.unknown(at);
    }
    address(insn.dst(), insn);
    ClassDesc type = size == Opcode.DW ? Descs.LONG : Descs.INT;
    if (insn.imm() == Opcode.CMPXCHG) {
      value(0, size);
      value(insn.src(), size);
      invoke("compareExchange", type, type);
      body.put(0);
      return;
    }
    value(insn.src(), size);
    invoke(name(at, insn), type);
    if ((insn.imm() & Opcode.FETCH) != 0) {
      body.put(insn.src());
    } else {
      cb.pop2();
    }
  }

  private String name(int at, Instruction insn) {
    return switch (insn.imm()) {
      case Opcode.ADD, Opcode.ADD | Opcode.FETCH -> "add";
      case Opcode.OR, Opcode.OR | Opcode.FETCH -> "or";
      case Opcode.AND, Opcode.AND | Opcode.FETCH -> "and";
      case Opcode.XOR, Opcode.XOR | Opcode.FETCH -> "xor";
      case Opcode.XCHG -> "exchange";
      default ->
          throw CompileException.at(at, String.format("0x%x is no atomic operation", insn.imm()));
    };
  }

  private void invoke(String name, ClassDesc... operands) {
    MethodTypeDesc type = MethodTypeDesc.of(Descs.LONG, Descs.SEGMENT, Descs.LONG);
    cb.invokestatic(
        Descs.ATOMICS, name, type.insertParameterTypes(type.parameterCount(), operands));
  }

  private void value(int register, int size) {
    if (size == Opcode.DW) {
      body.get(register);
    } else {
      body.getInt(register);
    }
  }

  private void address(int register, Instruction insn) {
    if (inArena) {
      cb.lload(body.locals.scratch());
      return;
    }
    body.get(register);
    if (insn.offset() != 0) {
      body.push((long) insn.offset());
      cb.ladd();
    }
  }

  private static String suffix(int size) {
    return switch (size) {
      case Opcode.B -> "Byte";
      case Opcode.H -> "Short";
      case Opcode.W -> "Int";
      default -> "Long";
    };
  }
}
