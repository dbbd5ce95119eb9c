package org.xdp4j.bpf.compiler;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;

/** Arithmetic, moves and byte swaps (RFC 9669 section 4.1 and 4.2). */
final class AluEmitter {
  private static final MethodTypeDesc LONGS = MethodTypeDesc.of(Descs.LONG, Descs.LONG, Descs.LONG);
  private static final MethodTypeDesc INTS = MethodTypeDesc.of(Descs.INT, Descs.INT, Descs.INT);

  private final Body body;
  private final CodeBuilder cb;

  AluEmitter(Body body) {
    this.body = body;
    this.cb = body.cb;
  }

  void emit(int at) {
    Instruction insn = body.code.at(at);
    boolean wide = insn.instructionClass() == Opcode.ALU64;
    switch (insn.opcode() & 0xf0) {
      case Opcode.END -> swap(at, insn, wide);
      case Opcode.MOV -> {
        if (insn.isAddressSpaceCast()) {
          new ArenaEmitter(body).castToUser(at);
        } else {
          move(at, insn, wide);
        }
      }
      case Opcode.NEG -> negate(insn, wide);
      default -> {
        if (wide) {
          operate64(at, insn);
        } else {
          operate32(at, insn);
        }
      }
    }
  }

  private void operate64(int at, Instruction insn) {
    body.get(insn.dst());
    int operation = insn.opcode() & 0xf0;
    boolean shift = operation == Opcode.LSH || operation == Opcode.RSH || operation == Opcode.ARSH;
    if (isSource(insn)) {
      body.get(insn.src());
      if (shift) {
        cb.l2i();
      }
    } else if (shift) {
      body.push(insn.imm());
    } else {
      body.push((long) insn.imm());
    }
    switch (operation) {
      case Opcode.ADD -> cb.ladd();
      case Opcode.SUB -> cb.lsub();
      case Opcode.MUL -> cb.lmul();
      case Opcode.OR -> cb.lor();
      case Opcode.AND -> cb.land();
      case Opcode.XOR -> cb.lxor();
      case Opcode.LSH -> cb.lshl();
      case Opcode.RSH -> cb.lushr();
      case Opcode.ARSH -> cb.lshr();
      case Opcode.DIV -> divide(at, insn, "divide", LONGS);
      case Opcode.MOD -> divide(at, insn, "remainder", LONGS);
      default -> throw body.code.unknown(at);
    }
    body.put(insn.dst());
  }

  private void operate32(int at, Instruction insn) {
    body.getInt(insn.dst());
    if (isSource(insn)) {
      body.getInt(insn.src());
    } else {
      body.push(insn.imm());
    }
    switch (insn.opcode() & 0xf0) {
      case Opcode.ADD -> cb.iadd();
      case Opcode.SUB -> cb.isub();
      case Opcode.MUL -> cb.imul();
      case Opcode.OR -> cb.ior();
      case Opcode.AND -> cb.iand();
      case Opcode.XOR -> cb.ixor();
      case Opcode.LSH -> cb.ishl();
      case Opcode.RSH -> cb.iushr();
      case Opcode.ARSH -> cb.ishr();
      case Opcode.DIV -> divide(at, insn, "divide", INTS);
      case Opcode.MOD -> divide(at, insn, "remainder", INTS);
      default -> throw body.code.unknown(at);
    }
    body.putInt(insn.dst());
  }

  private void divide(int at, Instruction insn, String name, MethodTypeDesc type) {
    switch (insn.offset()) {
      case 0 -> cb.invokestatic(Descs.ARITHMETIC, name, type);
      case 1 -> cb.invokestatic(Descs.ARITHMETIC, name + "Signed", type);
      default -> throw body.code.unknown(at);
    }
  }

  private void negate(Instruction insn, boolean wide) {
    if (wide) {
      body.get(insn.dst());
      cb.lneg();
      body.put(insn.dst());
    } else {
      body.getInt(insn.dst());
      cb.ineg();
      body.putInt(insn.dst());
    }
  }

  private void move(int at, Instruction insn, boolean wide) {
    if (!isSource(insn)) {
      body.push(wide ? (long) insn.imm() : insn.imm() & 0xffff_ffffL).put(insn.dst());
    } else if (wide && insn.offset() == 0) {
      body.get(insn.src()).put(insn.dst());
    } else {
      body.getInt(insn.src());
      switch (insn.offset()) {
        case 8 -> cb.i2b();
        case 16 -> cb.i2s();
        default -> {
          if (insn.offset() != (wide ? 32 : 0)) {
            throw body.code.unknown(at);
          }
        }
      }
      if (wide) {
        cb.i2l();
        body.put(insn.dst());
      } else {
        body.putInt(insn.dst());
      }
    }
  }

  /**
   * The host is taken as little-endian, as memory is: {@code le} truncates, {@code be} and {@code
   * bswap} swap.
   */
  private void swap(int at, Instruction insn, boolean always) {
    if (always && isSource(insn)) {
      throw body.code.unknown(at);
    }
    boolean swaps = always || isSource(insn);
    body.get(insn.dst());
    switch (insn.imm()) {
      case 16 -> {
        cb.l2i();
        if (swaps) {
          cb.i2s();
          reverse(ConstantDescs.CD_Short, ConstantDescs.CD_short);
        }
        cb.loadConstant(0xffff).iand().i2l();
      }
      case 32 -> {
        cb.l2i();
        if (swaps) {
          reverse(ConstantDescs.CD_Integer, Descs.INT);
        }
        cb.i2l();
        body.push(0xffff_ffffL);
        cb.land();
      }
      case 64 -> {
        if (swaps) {
          reverse(ConstantDescs.CD_Long, Descs.LONG);
        }
      }
      default -> throw body.code.unknown(at);
    }
    body.put(insn.dst());
  }

  private void reverse(ClassDesc box, ClassDesc type) {
    cb.invokestatic(box, "reverseBytes", MethodTypeDesc.of(type, type));
  }

  private static boolean isSource(Instruction insn) {
    return (insn.opcode() & Opcode.X) != 0;
  }
}
