package org.xdp4j.bpf.compiler;

import java.util.BitSet;
import java.util.TreeMap;
import org.xdp4j.bpf.helper.ArgumentKind;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.helper.ReturnKind;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.BpfMap;

/**
 * The words of a function's stack that are local variables instead of memory: those whose every use
 * is known. A word is the 8 bytes at a multiple of 8 below r10.
 *
 * <pre>
 *  r10 - 24      r10 - 16      r10 - 8       r10
 *     |  word -24   |  word -16   |  word -8   |
 * </pre>
 *
 * Loads and stores inside a word become shifts and masks, which the JIT folds. A helper that reads
 * a key or a value of a map gets it in memory: {@link #reads} says where, so that the words can be
 * written there right before the call. Once an address goes where its uses cannot be seen, to a
 * subprogram, into memory or to any other helper, what it leads to stays in memory.
 */
final class StackWords {
  static final int WORD = 8;

  /** Bytes of the stack, from {@code r10 + offset} on, that a call reads. */
  record Range(int offset, int size) {}

  private static final int SLOTS = 512 / WORD;

  private final Code code;
  private final Pointers pointers;
  private final BitSet used = new BitSet(SLOTS);
  private final BitSet excluded = new BitSet(SLOTS);
  private final TreeMap<Integer, Integer> numbers = new TreeMap<>();

  StackWords(Code code, FlowGraph graph, Pointers pointers) {
    this.code = code;
    this.pointers = pointers;
    graph.instructions().forEach(this::note);
    used.andNot(excluded);
    used.stream().forEach(slot -> numbers.put(-WORD * (slot + 1), numbers.size()));
  }

  /** All of the stack stays in memory. */
  StackWords(Code code, Pointers pointers) {
    this.code = code;
    this.pointers = pointers;
  }

  /** How many words are local variables. */
  int count() {
    return numbers.size();
  }

  /** Whether the word that {@code r10 + offset} lies in is a local variable. */
  boolean isLocal(int offset) {
    return numbers.containsKey(word(offset));
  }

  /** Whether all bytes from {@code r10 + offset} on are in local variables. */
  boolean isLocal(int offset, int size) {
    for (int word = word(offset); word < offset + size; word += WORD) {
      if (!numbers.containsKey(word)) {
        return false;
      }
    }
    return true;
  }

  /** The number, from 0 up, of the local variable for the word {@code r10 + offset} lies in. */
  int number(int offset) {
    return numbers.get(word(offset));
  }

  /** Where the word that {@code r10 + offset} lies in begins. */
  static int word(int offset) {
    return Math.floorDiv(offset, WORD) * WORD;
  }

  /**
   * Where the load or store at {@code index} goes, as an offset from r10, when that is in a local
   * variable; else 0.
   */
  int localAccess(int index) {
    if (numbers.isEmpty()) {
      return 0;
    }
    Instruction insn = code.at(index);
    int base = insn.instructionClass() == Opcode.LDX ? insn.src() : insn.dst();
    int pointer = pointers.at(index, base);
    if (!isOffset(pointer)) {
      return 0;
    }
    int offset = pointer + insn.offset();
    return isLocal(offset) ? offset : 0;
  }

  /** Whether the instruction at {@code index} loads or stores a local variable, or a constant. */
  boolean isLocalAccess(int index) {
    int type = code.at(index).instructionClass();
    if (type != Opcode.LDX && type != Opcode.ST && type != Opcode.STX) {
      return false;
    }
    return localAccess(index) != 0
        || type == Opcode.LDX && pointers.constantAt(index, code.at(index).src()) >= 0;
  }

  /** What the call at {@code index} reads of the stack through {@code register}, or null. */
  Range reads(int index, int register) {
    int pointer = pointers.at(index, register);
    HelperSpec helper = code.isSubprogramCall(index) ? null : code.helperAt(index);
    BpfMap map = code.mapAt(index);
    if (!isOffset(pointer) || helper == null || map == null) {
      return null;
    }
    return switch (kind(helper, register)) {
      case MAP_KEY -> new Range(pointer, map.spec().keySize());
      case MAP_VALUE -> new Range(pointer, map.spec().valueSize());
      default -> null;
    };
  }

  private static ArgumentKind kind(HelperSpec helper, int register) {
    return register <= helper.arguments().size()
        ? helper.arguments().get(register - 1)
        : ArgumentKind.NONE;
  }

  private static boolean isOffset(int pointer) {
    return pointer <= 0 && pointer != Pointers.NONE && pointer != Pointers.ANY;
  }

  private void note(int index) {
    Instruction insn = code.at(index);
    switch (insn.instructionClass()) {
      case Opcode.LDX -> access(index, insn, insn.src());
      case Opcode.ST -> access(index, insn, insn.dst());
      case Opcode.STX -> {
        if (Pointers.isStack(pointers.at(index, insn.src()))) {
          excludeAll();
        }
        access(index, insn, insn.dst());
      }
      case Opcode.JMP -> {
        if (code.isCall(index)) {
          call(index);
        }
      }
      default -> {}
    }
  }

  private void access(int index, Instruction insn, int base) {
    int pointer = pointers.at(index, base);
    if (!Pointers.isStack(pointer)) {
      return;
    }
    if (!isOffset(pointer)) {
      excludeAll();
      return;
    }
    int from = pointer + insn.offset();
    int to = from + MemoryEmitter.bytes(insn);
    if (from < -SLOTS * WORD || to > 0) {
      excludeAll();
    } else if (Effects.isAtomic(insn) || word(from) != word(to - 1)) {
      exclude(from, to);
    } else {
      used.set(slot(from));
    }
  }

  private void call(int index) {
    HelperSpec helper = code.isSubprogramCall(index) ? null : code.helperAt(index);
    int arguments = helper == null ? 5 : helper.arguments().size();
    for (int register = 1; register <= arguments; register++) {
      int pointer = pointers.at(index, register);
      if (!Pointers.isStack(pointer)) {
        continue;
      }
      boolean escapes =
          helper == null
              || !isOffset(pointer)
              || helper.arguments().contains(ArgumentKind.FUNCTION)
              || helper.returns() == ReturnKind.CAST;
      if (escapes) {
        excludeAll();
      } else if (reads(index, register) == null) {
        exclude(pointer, 0);
      }
    }
  }

  private void exclude(int from, int to) {
    for (int word = word(from); word < to; word += WORD) {
      excluded.set(slot(word));
    }
  }

  private void excludeAll() {
    excluded.set(0, SLOTS);
  }

  private static int slot(int offset) {
    return -word(offset) / WORD - 1;
  }
}
