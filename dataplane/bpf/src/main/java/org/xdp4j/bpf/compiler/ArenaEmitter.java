package org.xdp4j.bpf.compiler;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.MethodTypeDesc;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.ArenaMap;
import org.xdp4j.bpf.map.BpfMap;

/**
 * Loads, stores and atomic operations in an arena: calls of the arena itself, a constant of the
 * class, which knows where each page is.
 */
final class ArenaEmitter {
  private static final MethodTypeDesc LOAD = MethodTypeDesc.of(Descs.LONG, Descs.LONG, Descs.INT);
  private static final MethodTypeDesc STORE =
      MethodTypeDesc.of(Descs.VOID, Descs.LONG, Descs.INT, Descs.LONG);
  private static final MethodTypeDesc PLACE =
      MethodTypeDesc.of(Descs.LONG, Descs.LONG, Descs.INT, Descs.INT);

  private final Body body;
  private final CodeBuilder cb;

  ArenaEmitter(Body body) {
    this.body = body;
    this.cb = body.cb;
  }

  private void arena(int at) {
    BpfMap map = body.code.mapAt(at);
    if (!(map instanceof ArenaMap)) {
      throw CompileException.at(at, "uses an arena, and there is none");
    }
    cb.getstatic(Descs.PROGRAM, body.mapField(map), Descs.MAP);
    cb.checkcast(Descs.of(ArenaMap.class));
  }

  private void call(String name, MethodTypeDesc type) {
    cb.invokevirtual(Descs.of(ArenaMap.class), name, type);
  }

  /** dst = a pointer of user space's. */
  void castToUser(int at) {
    Instruction insn = body.code.at(at);
    arena(at);
    body.get(insn.src());
    call("toUser", MethodTypeDesc.of(Descs.LONG, Descs.LONG));
    body.put(insn.dst());
  }

  void load(int at, Instruction insn, boolean signed) {
    arena(at);
    body.get(insn.src());
    cb.loadConstant(insn.offset());
    call("load" + suffix(insn), LOAD);
    if (signed) {
      cb.l2i();
      switch (insn.accessSize()) {
        case 1 -> cb.i2b();
        case 2 -> cb.i2s();
        default -> {
          // An int as it is.
        }
      }
      cb.i2l();
    }
    body.put(insn.dst());
  }

  void store(int at, Instruction insn) {
    arena(at);
    body.get(insn.dst());
    cb.loadConstant(insn.offset());
    if (insn.instructionClass() == Opcode.ST) {
      body.push((long) insn.imm());
    } else {
      body.get(insn.src());
    }
    call("store" + suffix(insn), STORE);
  }

  /** Jumps around the operation where nothing is: see {@link ArenaMap#untouched}. */
  void atomic(int at, Instruction insn, Runnable operation) {
    arena(at);
    body.get(insn.imm() == Opcode.LOAD_ACQ ? insn.src() : insn.dst());
    cb.loadConstant(insn.offset()).loadConstant(insn.accessSize());
    call("atomicPlace", PLACE);
    cb.lstore(body.locals.scratch());
    Label nothing = cb.newLabel();
    cb.lload(body.locals.scratch()).lconst_0().lcmp().iflt(nothing);
    operation.run();
    int register = insn.accessSize() < Long.BYTES ? insn.atomicResult() : -1;
    if (register < 0) {
      cb.labelBinding(nothing);
      return;
    }
    Label done = cb.newLabel();
    cb.goto_(done).labelBinding(nothing);
    body.get(register);
    cb.loadConstant(insn.accessSize());
    cb.invokestatic(
        Descs.of(ArenaMap.class),
        "untouched",
        MethodTypeDesc.of(Descs.LONG, Descs.LONG, Descs.INT));
    body.put(register);
    cb.labelBinding(done);
  }

  private static String suffix(Instruction insn) {
    return switch (insn.accessSize()) {
      case 1 -> "Byte";
      case 2 -> "Short";
      case 4 -> "Int";
      default -> "Long";
    };
  }
}
