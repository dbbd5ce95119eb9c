package org.xdp4j.bpf.compiler;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.Opcode;
import org.xdp4j.bpf.isa.Instruction;

/** Jumps within a function (RFC 9669 section 4.3), and {@code may_goto}. */
final class JumpEmitter {
  private final Body body;
  private final CodeBuilder cb;

  JumpEmitter(Body body) {
    this.body = body;
    this.cb = body.cb;
  }

  void emit(int at) {
    Code code = body.code;
    if (code.neverJumps(at)) {
      return;
    }
    Instruction insn = code.at(at);
    int target = code.target(at);
    if (target <= at) {
      body.spendBudget();
    }
    if (code.isUnconditional(at)) {
      cb.goto_(body.label(target));
    } else if (code.isMayGoto(at)) {
      mayGoto(body.label(target));
    } else if (insn.instructionClass() == org.xdp4j.bpf.isa.Opcode.JMP) {
      compare64(at, insn, body.label(target));
    } else {
      compare32(at, insn, body.label(target));
    }
  }

  /** Falls through as often as the function's budget allows, then jumps. */
  private void mayGoto(Label target) {
    int budget = body.locals.budget();
    cb.lload(budget).lconst_0().lcmp().ifeq(target);
    cb.lload(budget).lconst_1().lsub().lstore(budget);
  }

  private void compare64(int at, Instruction insn, Label target) {
    int operation = insn.opcode() & 0xf0;
    long flip = isUnsigned(operation) && !comparesPacket(at, insn) ? Long.MIN_VALUE : 0;
    body.get(insn.dst());
    flip(flip);
    if (isSource(insn)) {
      body.get(insn.src());
      flip(flip);
    } else {
      body.push(insn.imm() + flip);
    }
    if (operation == org.xdp4j.bpf.isa.Opcode.JSET) {
      cb.land().lconst_0().lcmp().ifne(target);
    } else {
      cb.lcmp().branch(againstZero(at, operation), target);
    }
  }

  /** Addresses in and behind a packet are not negative, so their order needs no flipping. */
  private boolean comparesPacket(int at, Instruction insn) {
    return isSource(insn)
        && body.pointers.at(at, insn.dst()) == Pointers.PACKET
        && body.pointers.at(at, insn.src()) == Pointers.PACKET;
  }

  private void compare32(int at, Instruction insn, Label target) {
    int operation = insn.opcode() & 0xf0;
    int flip = isUnsigned(operation) ? Integer.MIN_VALUE : 0;
    body.getInt(insn.dst());
    flip(flip);
    if (isSource(insn)) {
      body.getInt(insn.src());
      flip(flip);
    } else {
      body.push(insn.imm() + flip);
    }
    if (operation == org.xdp4j.bpf.isa.Opcode.JSET) {
      cb.iand().ifne(target);
    } else {
      cb.branch(twoInts(againstZero(at, operation)), target);
    }
  }

  /**
   * Unsigned order is signed order with the sign bits flipped. C2 knows the pattern, and unlike
   * calls of compareUnsigned it gives C1 no blocks of its own.
   */
  private void flip(long signBit) {
    if (signBit != 0) {
      body.push(signBit);
      cb.ladd();
    }
  }

  private void flip(int signBit) {
    if (signBit != 0) {
      body.push(signBit);
      cb.iadd();
    }
  }

  private static boolean isUnsigned(int operation) {
    return switch (operation) {
      case org.xdp4j.bpf.isa.Opcode.JGT,
          org.xdp4j.bpf.isa.Opcode.JGE,
          org.xdp4j.bpf.isa.Opcode.JLT,
          org.xdp4j.bpf.isa.Opcode.JLE ->
          true;
      default -> false;
    };
  }

  private Opcode againstZero(int at, int operation) {
    return switch (operation) {
      case org.xdp4j.bpf.isa.Opcode.JEQ -> Opcode.IFEQ;
      case org.xdp4j.bpf.isa.Opcode.JNE -> Opcode.IFNE;
      case org.xdp4j.bpf.isa.Opcode.JGT, org.xdp4j.bpf.isa.Opcode.JSGT -> Opcode.IFGT;
      case org.xdp4j.bpf.isa.Opcode.JGE, org.xdp4j.bpf.isa.Opcode.JSGE -> Opcode.IFGE;
      case org.xdp4j.bpf.isa.Opcode.JLT, org.xdp4j.bpf.isa.Opcode.JSLT -> Opcode.IFLT;
      case org.xdp4j.bpf.isa.Opcode.JLE, org.xdp4j.bpf.isa.Opcode.JSLE -> Opcode.IFLE;
      default -> throw body.code.unknown(at);
    };
  }

  private static Opcode twoInts(Opcode againstZero) {
    return switch (againstZero) {
      case IFEQ -> Opcode.IF_ICMPEQ;
      case IFNE -> Opcode.IF_ICMPNE;
      case IFGT -> Opcode.IF_ICMPGT;
      case IFGE -> Opcode.IF_ICMPGE;
      case IFLT -> Opcode.IF_ICMPLT;
      default -> Opcode.IF_ICMPLE;
    };
  }

  private static boolean isSource(Instruction insn) {
    return (insn.opcode() & org.xdp4j.bpf.isa.Opcode.X) != 0;
  }
}
