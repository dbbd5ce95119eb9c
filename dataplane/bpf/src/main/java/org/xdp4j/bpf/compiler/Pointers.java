package org.xdp4j.bpf.compiler;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapSpec;

/**
 * Which registers of a function hold r10 plus a constant, or a packet's bound plus a constant,
 * where each instruction begins.
 *
 * <pre>
 *  NONE          nothing to do with this function's own stack
 *  -512 .. 0     r10 plus that
 *  PACKET        data, data_end or data_meta plus a constant that is not negative
 *  CONSTANT ..   an address in constant data, {@code .rodata}, plus that
 *  ANY           may have to do with the stack, nobody knows how
 * </pre>
 *
 * That what is loaded from memory is NONE holds as long as nobody stores a pointer into the stack:
 * {@link StackWords} looks for that.
 */
final class Pointers {
  static final int NONE = Integer.MIN_VALUE;
  static final int ANY = Integer.MIN_VALUE + 1;
  static final int PACKET = 1;

  /** Added to an address in constant data, which none of the others reaches. */
  private static final long CONSTANT = 1L << 62;

  private static final int LOWEST = -512;
  private static final int FRAME_POINTER = 10;

  private final Code code;
  private final Map<Integer, long[]> entries = new HashMap<>();
  private final Map<Integer, long[]> at = new HashMap<>();

  Pointers(Code code, FlowGraph graph) {
    this.code = code;
    List<Block> blocks = graph.blocks();
    long[] start = new long[Effects.REGISTERS];
    Arrays.fill(start, NONE);
    entries.put(graph.start(), start);
    boolean changed = true;
    while (changed) {
      changed = false;
      for (Block block : blocks) {
        changed |= follow(block);
      }
    }
  }

  /** What a register holds before the instruction at {@code index}; NONE for constant data. */
  int at(int index, int register) {
    long value = valueAt(index, register);
    return value < CONSTANT ? (int) value : NONE;
  }

  /** The address in constant data that a register holds there, or -1. */
  long constantAt(int index, int register) {
    long value = valueAt(index, register);
    return value < CONSTANT ? -1 : value - CONSTANT;
  }

  private long valueAt(int index, int register) {
    if (register == FRAME_POINTER) {
      return 0;
    }
    long[] state = at.get(index);
    return state == null ? ANY : state[register];
  }

  /** Whether a value is, or may be, an address in the stack. */
  static boolean isStack(long value) {
    return value == ANY || value <= 0 && value != NONE;
  }

  private boolean follow(Block block) {
    long[] entry = entries.get(block.start());
    if (entry == null) {
      return false;
    }
    long[] state = entry.clone();
    for (int index = block.start(); index < block.end(); index = code.next(index)) {
      at.put(index, state.clone());
      step(index, state);
    }
    boolean changed = false;
    for (int successor : block.successors()) {
      changed |= join(successor, state);
    }
    return changed;
  }

  private boolean join(int start, long[] state) {
    long[] known = entries.get(start);
    if (known == null) {
      entries.put(start, state.clone());
      return true;
    }
    boolean changed = false;
    for (int r = 0; r < known.length; r++) {
      long joined = join(known[r], state[r]);
      changed |= joined != known[r];
      known[r] = joined;
    }
    return changed;
  }

  private static long join(long a, long b) {
    if (a == b) {
      return a;
    }
    return isStack(a) || isStack(b) ? ANY : NONE;
  }

  private void step(int index, long[] state) {
    Instruction insn = code.at(index);
    switch (insn.instructionClass()) {
      case Opcode.ALU, Opcode.ALU64 -> state[insn.dst()] = arithmetic(insn, state);
      case Opcode.LD -> state[insn.dst()] = constant(index, insn);
      case Opcode.LDX -> state[insn.dst()] = loaded(index);
      default -> {
        int written = Effects.writes(code, index);
        for (int r = 0; r < state.length; r++) {
          state[r] = (written >> r & 1) != 0 ? NONE : state[r];
        }
      }
    }
  }

  private long constant(int index, Instruction insn) {
    if (!insn.isWide() || insn.src() != Opcode.PSEUDO_MAP_IDX_VALUE || !code.verified()) {
      return NONE;
    }
    BpfMap map = code.map(insn.imm(), index);
    boolean fixed = map.frozen() && (map.spec().flags() & MapSpec.F_RDONLY_PROG) != 0;
    long offset = code.at(index + 1).imm() & 0xffff_ffffL;
    return fixed ? CONSTANT + code.valueAddress(index) + offset : NONE;
  }

  private int loaded(int index) {
    boolean pointer =
        code.isContextAccess(index) && code.contextOffset(index) < ContextFields.POINTERS_END;
    return pointer ? PACKET : NONE;
  }

  private long arithmetic(Instruction insn, long[] state) {
    boolean wide = insn.instructionClass() == Opcode.ALU64;
    boolean bySource = (insn.opcode() & Opcode.X) != 0;
    int operation = insn.opcode() & 0xf0;
    long source = !bySource ? NONE : insn.src() == FRAME_POINTER ? 0 : state[insn.src()];
    if (operation == Opcode.MOV) {
      boolean plain = wide && insn.offset() == 0 || !bySource;
      return plain || !isStack(source) ? (plain ? source : NONE) : ANY;
    }
    long old = state[insn.dst()];
    if (wide && !bySource && operation == Opcode.ADD) {
      return moved(old, insn.imm());
    }
    if (wide && !bySource && operation == Opcode.SUB) {
      return moved(old, -(long) insn.imm());
    }
    boolean reads = operation != Opcode.END && operation != Opcode.NEG;
    return isStack(old) || reads && isStack(source) ? ANY : NONE;
  }

  private static long moved(long pointer, long by) {
    if (pointer == PACKET) {
      return by >= 0 ? PACKET : NONE;
    }
    if (pointer == NONE || pointer == ANY) {
      return pointer;
    }
    long to = pointer + by;
    if (pointer >= CONSTANT) {
      return to >= CONSTANT ? to : NONE;
    }
    return to >= LOWEST && to <= 0 ? to : ANY;
  }
}
