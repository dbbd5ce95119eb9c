package org.xdp4j.bpf.interpreter;

import static org.xdp4j.bpf.isa.Opcode.*;

import org.xdp4j.bpf.isa.Instruction;

/** Arithmetic (RFC 9669, sections 4.1 and 4.2). */
final class Alu {
  private Alu() {}

  /** The new value of the destination register. */
  static long compute(Instruction instruction, long dst, long operand) {
    if (instruction.operation() == END) {
      return byteSwap(instruction, dst);
    }
    return instruction.instructionClass() == ALU64
        ? wide(instruction, dst, operand)
        : narrow(instruction, (int) dst, (int) operand) & 0xffffffffL;
  }

  private static long wide(Instruction instruction, long dst, long operand) {
    boolean signed = instruction.offset() == 1;
    return switch (instruction.operation()) {
      case ADD -> dst + operand;
      case SUB -> dst - operand;
      case MUL -> dst * operand;
      case DIV -> {
        if (operand == 0) {
          yield 0;
        }
        yield signed ? dst / operand : Long.divideUnsigned(dst, operand);
      }
      case MOD -> {
        if (operand == 0) {
          yield dst;
        }
        yield signed ? dst % operand : Long.remainderUnsigned(dst, operand);
      }
      case OR -> dst | operand;
      case AND -> dst & operand;
      case XOR -> dst ^ operand;
      case LSH -> dst << (operand & 63);
      case RSH -> dst >>> (operand & 63);
      case ARSH -> dst >> (operand & 63);
      case NEG -> -dst;
      default -> signExtend(instruction, operand);
    };
  }

  private static int narrow(Instruction instruction, int dst, int operand) {
    boolean signed = instruction.offset() == 1;
    return switch (instruction.operation()) {
      case ADD -> dst + operand;
      case SUB -> dst - operand;
      case MUL -> dst * operand;
      case DIV -> {
        if (operand == 0) {
          yield 0;
        }
        yield signed ? dst / operand : Integer.divideUnsigned(dst, operand);
      }
      case MOD -> {
        if (operand == 0) {
          yield dst;
        }
        yield signed ? dst % operand : Integer.remainderUnsigned(dst, operand);
      }
      case OR -> dst | operand;
      case AND -> dst & operand;
      case XOR -> dst ^ operand;
      case LSH -> dst << (operand & 31);
      case RSH -> dst >>> (operand & 31);
      case ARSH -> dst >> (operand & 31);
      case NEG -> -dst;
      default -> (int) signExtend(instruction, operand);
    };
  }

  /** MOV, from as many low bits as the offset says. */
  private static long signExtend(Instruction instruction, long operand) {
    return switch (instruction.offset()) {
      case 8 -> (byte) operand;
      case 16 -> (short) operand;
      case 32 -> (int) operand;
      default -> operand;
    };
  }

  /** The program's byte order is little-endian: "le" only cuts off, "be" and "bswap" swap. */
  private static long byteSwap(Instruction instruction, long value) {
    boolean swap = instruction.instructionClass() == ALU64 || instruction.usesSource();
    return switch (instruction.imm()) {
      case 16 -> (swap ? Short.reverseBytes((short) value) : value) & 0xffffL;
      case 32 -> (swap ? Integer.reverseBytes((int) value) : value) & 0xffffffffL;
      default -> swap ? Long.reverseBytes(value) : value;
    };
  }
}
