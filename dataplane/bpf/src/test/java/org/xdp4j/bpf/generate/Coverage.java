package org.xdp4j.bpf.generate;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Instructions;
import org.xdp4j.bpf.isa.Opcode;

/** Counts which instructions programs use, each form of RFC 9669 by a name of its own. */
public final class Coverage {
  private static final String[] ALU = {
    "add", "sub", "mul", "div", "or", "and", "lsh", "rsh", "neg", "mod", "xor", "mov", "arsh", "end"
  };
  private static final String[] JUMPS = {
    "ja",
    "jeq",
    "jgt",
    "jge",
    "jset",
    "jne",
    "jsgt",
    "jsge",
    "call",
    "exit",
    "jlt",
    "jle",
    "jslt",
    "jsle",
    "may_goto"
  };

  private final Map<String, Long> counts = new TreeMap<>();

  /** Counts the instructions of a program. */
  public void add(List<Instruction> program) {
    for (int i = 0; i < program.size(); i = Instructions.nextIndex(program, i)) {
      counts.merge(name(program.get(i)), 1L, Long::sum);
    }
  }

  /** How often each was met. */
  public Map<String, Long> counts() {
    return counts;
  }

  /** What of {@link #all} was never met. */
  public TreeSet<String> missing() {
    TreeSet<String> missing = all();
    missing.removeAll(counts.keySet());
    return missing;
  }

  private static String name(Instruction i) {
    String form = i.usesSource() ? "reg" : "imm";
    return switch (i.instructionClass()) {
      case Opcode.ALU, Opcode.ALU64 -> alu(i, form);
      case Opcode.JMP, Opcode.JMP32 -> jump(i, form);
      case Opcode.LD -> "lddw " + i.src();
      case Opcode.LDX -> (i.mode() == Opcode.MEMSX ? "ldxs " : "ldx ") + i.accessSize();
      case Opcode.ST -> "st " + i.accessSize();
      default -> (i.isAtomic() ? "atomic " + i.imm() + " " : "stx ") + i.accessSize();
    };
  }

  private static String alu(Instruction i, String form) {
    String name = ALU[i.operation() >> 4] + (i.instructionClass() == Opcode.ALU ? "32 " : "64 ");
    return switch (i.operation()) {
      case Opcode.END -> name + (i.usesSource() ? "be " : "le ") + i.imm();
      case Opcode.NEG -> name;
      default -> name + form + (i.offset() == 0 ? "" : " " + i.offset());
    };
  }

  private static String jump(Instruction i, String form) {
    String name = JUMPS[i.operation() >> 4];
    boolean narrow = i.instructionClass() == Opcode.JMP32;
    return switch (i.operation()) {
      case Opcode.JA, Opcode.EXIT, Opcode.JCOND -> name + (narrow ? "32" : "");
      case Opcode.CALL -> name + " " + i.src();
      default -> name + (narrow ? "32 " : " ") + form;
    };
  }

  /** Every instruction an XDP program may use. */
  static TreeSet<String> all() {
    TreeSet<String> all = new TreeSet<>();
    for (String width : List.of("32", "64")) {
      for (String operation : List.of(ALU)) {
        if (!operation.equals("end") && !operation.equals("neg")) {
          all.add(operation + width + " imm");
          all.add(operation + width + " reg");
        }
      }
      all.add("neg" + width + " ");
      for (String form : List.of("imm", "reg")) {
        all.add("div" + width + " " + form + " 1");
        all.add("mod" + width + " " + form + " 1");
      }
      all.add("mov" + width + " reg 8");
      all.add("mov" + width + " reg 16");
      for (int bits = 16; bits <= 64; bits *= 2) {
        all.add("end" + width + " le " + bits);
      }
    }
    all.add("mov64 reg 32");
    all.add("mov64 reg " + Opcode.ADDR_SPACE_CAST);
    for (int bits = 16; bits <= 64; bits *= 2) {
      all.add("end32 be " + bits);
    }
    addJumps(all);
    addMemory(all);
    return all;
  }

  private static void addJumps(TreeSet<String> all) {
    for (String jump : JUMPS) {
      switch (jump) {
        case "ja" -> all.addAll(List.of("ja", "ja32"));
        case "call" -> all.addAll(List.of("call 0", "call 1"));
        case "exit", "may_goto" -> all.add(jump);
        default ->
            all.addAll(List.of(jump + " imm", jump + " reg", jump + "32 imm", jump + "32 reg"));
      }
    }
  }

  private static void addMemory(TreeSet<String> all) {
    int[] atomics = {Opcode.ADD, Opcode.AND, Opcode.OR, Opcode.XOR, Opcode.XCHG, Opcode.CMPXCHG};
    for (int size = 1; size <= 8; size *= 2) {
      all.addAll(List.of("ldx " + size, "st " + size, "stx " + size));
      all.add("atomic " + Opcode.LOAD_ACQ + " " + size);
      all.add("atomic " + Opcode.STORE_REL + " " + size);
      if (size < 8) {
        all.add("ldxs " + size);
      }
      for (int operation : size < 4 ? new int[0] : atomics) {
        all.add("atomic " + operation + " " + size);
        all.add("atomic " + (operation | Opcode.FETCH) + " " + size);
      }
    }
    all.addAll(List.of("lddw 0", "lddw " + Opcode.PSEUDO_MAP_IDX));
    all.add("lddw " + Opcode.PSEUDO_MAP_IDX_VALUE);
  }
}
