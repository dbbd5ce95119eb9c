package org.xdp4j.bpf.verifier;

import static org.xdp4j.bpf.isa.Opcode.*;

import java.util.List;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.helper.Helpers;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.map.MapSpec;

/** Instructions as the kernel's verifier log writes them (kernel/bpf/disasm.c). */
final class KernelInstructionText {
  private static final String[] OPERATIONS = {
    "+=", "-=", "*=", "/=", "|=", "&=", "<<=", ">>=", null, "%=", "^=", null, "s>>="
  };
  private static final String[] COMPARISONS = {
    null, "==", ">", ">=", "&", "!=", "s>", "s>=", null, null, "<", "<=", "s<", "s<="
  };

  private KernelInstructionText() {}

  /**
   * {@code (61) r2 = *(u32 *)(r1 +4)}.
   *
   * @param second the second slot of a wide instruction, else not looked at
   * @param maps the definitions that wide instructions index
   */
  static String of(Instruction i, Instruction second, List<MapSpec> maps) {
    String text =
        switch (i.instructionClass()) {
          case ALU, ALU64 -> alu(i);
          case LD -> wide(i, second, maps);
          case LDX -> "r" + i.dst() + " = " + memory(i, i.src(), i.mode() == MEMSX ? "s" : "u");
          case ST -> memory(i, i.dst(), "u") + " = " + i.imm();
          case STX -> i.isAtomic() ? atomic(i) : memory(i, i.dst(), "u") + " = r" + i.src();
          default -> jump(i);
        };
    return "(%02x) ".formatted(i.opcode()) + text;
  }

  private static String alu(Instruction i) {
    String r = i.instructionClass() == ALU ? "w" : "r";
    String dst = r + i.dst();
    String src = i.usesSource() ? r + i.src() : Integer.toString(i.imm());
    return switch (i.operation()) {
      case END -> swap(i);
      case NEG -> dst + " = -" + dst;
      case MOV -> dst + " = " + (i.offset() == 0 ? "" : "(s" + i.offset() + ")") + src;
      default -> {
        String signed = i.offset() == 1 ? "s" : "";
        yield dst + " " + signed + OPERATIONS[i.operation() >> 4] + " " + src;
      }
    };
  }

  private static String swap(Instruction i) {
    String kind = i.instructionClass() == ALU64 ? "bswap" : i.usesSource() ? "be" : "le";
    return "r" + i.dst() + " = " + kind + i.imm() + " r" + i.dst();
  }

  private static String wide(Instruction i, Instruction second, List<MapSpec> maps) {
    int high = second == null ? 0 : second.imm();
    String dst = "r" + i.dst() + " = ";
    return switch (i.src()) {
      case PSEUDO_MAP_IDX -> dst + map(i, maps);
      case PSEUDO_MAP_IDX_VALUE -> dst + map(i, maps) + "[0]+" + Integer.toUnsignedString(high);
      default -> dst + "0x" + Long.toHexString(i.imm() & 0xffffffffL | (long) high << 32);
    };
  }

  private static String map(Instruction i, List<MapSpec> maps) {
    boolean known = i.imm() >= 0 && i.imm() < maps.size();
    return "map[" + (known ? maps.get(i.imm()).name() : Integer.toString(i.imm())) + "]";
  }

  private static String memory(Instruction i, int register, String sign) {
    return "*(" + sign + i.accessSize() * 8 + " *)" + place(i, register);
  }

  private static String place(Instruction i, int register) {
    return "(r" + register + " " + (i.offset() < 0 ? "" : "+") + i.offset() + ")";
  }

  private static String atomic(Instruction i) {
    String type = "(u" + i.accessSize() * 8 + " *)";
    String place = type + place(i, i.dst());
    String name = "atomic" + (i.accessSize() == 8 ? "64" : "");
    return switch (i.imm()) {
      case LOAD_ACQ -> "r" + i.dst() + " = load_acquire(" + type + place(i, i.src()) + ")";
      case STORE_REL -> "store_release(" + place + ", r" + i.src() + ")";
      case CMPXCHG -> "r0 = " + name + "_cmpxchg(" + place + ", r0, r" + i.src() + ")";
      case XCHG -> "r" + i.src() + " = " + name + "_xchg(" + place + ", r" + i.src() + ")";
      default -> {
        int operation = i.imm() & ~FETCH;
        if ((i.imm() & FETCH) == 0) {
          yield "lock *" + place + " " + OPERATIONS[operation >> 4] + " r" + i.src();
        }
        String fetch =
            switch (operation) {
              case ADD -> "add";
              case AND -> "and";
              case OR -> "or";
              default -> "xor";
            };
        yield "r" + i.src() + " = " + name + "_fetch_" + fetch + "(" + place + ", r" + i.src()
            + ")";
      }
    };
  }

  private static String jump(Instruction i) {
    if (i.isExit()) {
      return "exit";
    }
    if (i.isCall()) {
      return call(i);
    }
    String target = "pc" + (i.jumpOffset() < 0 ? "" : "+") + i.jumpOffset();
    if (i.isMayGoto()) {
      return "may_goto " + target;
    }
    if (i.isGoto()) {
      return (i.instructionClass() == JMP32 ? "gotol " : "goto ") + target;
    }
    String r = i.instructionClass() == JMP32 ? "w" : "r";
    String right = i.usesSource() ? r + i.src() : "0x" + Integer.toHexString(i.imm());
    String comparison = COMPARISONS[i.operation() >> 4];
    return "if " + r + i.dst() + " " + comparison + " " + right + " goto " + target;
  }

  private static String call(Instruction i) {
    if (i.isSubprogramCall()) {
      return "call pc" + (i.imm() < 0 ? "" : "+") + i.imm();
    }
    if (!i.isHelperCall()) {
      return "call kernel-function";
    }
    String name = Helpers.byId(i.imm()).map(HelperSpec::name).orElse("unknown");
    return "call " + name + "#" + i.imm();
  }
}
