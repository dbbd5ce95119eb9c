package org.xdp4j.bpf.compiler;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.verifier.MemoryKind;

/**
 * Runs of stores that write known numbers beside each other, as a constant MAC address or a new
 * header is written: clang trusts no more than the alignment it is told of, so twelve bytes are up
 * to twelve stores. Each run becomes stores of 8, 4, 2 and 1 bytes, done where its last store is.
 * Between its stores are calculations at the most, which stay where they are. Only of the packet
 * and the stack: what others read at the same time keeps the stores that it had.
 *
 * <pre>
 *  w3 = 2;  *(u8 *)(r2 + 1) = r3         *(u16 *)(r2 + 0) = 0x0201
 *  w3 = 1;  *(u8 *)(r2 + 0) = r3   to
 * </pre>
 */
final class Fills {
  /**
   * One run.
   *
   * @param last its last store
   * @param register what its places are relative to
   * @param bytes what is written, by the offset of each byte
   * @param stores all of them
   */
  record Run(int last, int register, TreeMap<Integer, Byte> bytes, List<Integer> stores) {
    /** What is written at once: offsets and sizes, in order. */
    List<Piece> pieces() {
      List<Piece> pieces = new ArrayList<>();
      Integer next = bytes.firstKey();
      while (next != null) {
        int begin = next;
        int end = begin;
        while (end - begin < Long.BYTES && bytes.containsKey(end)) {
          end++;
        }
        int size = Integer.highestOneBit(end - begin);
        pieces.add(new Piece(begin, size, value(begin, size)));
        next = bytes.ceilingKey(begin + size);
      }
      return pieces;
    }

    private long value(int begin, int size) {
      long value = 0;
      for (int i = size - 1; i >= 0; i--) {
        value = value << Byte.SIZE | bytes.get(begin + i) & 0xff;
      }
      return value;
    }
  }

  /** A store. */
  record Piece(int offset, int size, long value) {}

  private final Code code;
  private final StackWords words;
  private final Map<Integer, Run> byStore = new HashMap<>();
  private int pieces;

  Fills(Code code, FlowGraph graph, StackWords words) {
    this.code = code;
    this.words = words;
    graph.blocks().forEach(this::look);
  }

  /** The run that the store at {@code index} is part of, or null. */
  Run of(int index) {
    return byStore.get(index);
  }

  /** Stores that all runs need. */
  int accesses() {
    return pieces;
  }

  /** The stores that are in them. */
  Iterable<Integer> instructions() {
    return byStore.keySet();
  }

  private void look(Block block) {
    Map<Integer, Long> known = new HashMap<>();
    Run run = null;
    for (int at = block.start(); at < block.end(); at = code.next(at)) {
      Instruction insn = code.at(at);
      Long value = isStore(at) ? stored(insn, known) : null;
      if (value != null) {
        if (run == null || !continues(run, at)) {
          end(run);
          run = new Run(at, insn.dst(), new TreeMap<>(), new ArrayList<>());
        }
        run = with(run, at, value);
        continue;
      }
      int written = Effects.writes(code, at);
      if (run != null && (!isCalculation(insn) || (written >> run.register & 1) != 0)) {
        end(run);
        run = null;
      }
      known.keySet().removeIf(register -> (written >> register & 1) != 0);
      learn(at, insn, known);
    }
    end(run);
  }

  private boolean continues(Run run, int at) {
    return code.at(at).dst() == run.register && code.kind(at) == code.kind(run.last);
  }

  private Run with(Run run, int at, long value) {
    Instruction insn = code.at(at);
    for (int i = 0; i < MemoryEmitter.bytes(insn); i++) {
      run.bytes.put(insn.offset() + i, (byte) (value >> i * Byte.SIZE));
    }
    run.stores.add(at);
    return new Run(at, run.register, run.bytes, run.stores);
  }

  private void end(Run run) {
    if (run == null) {
      return;
    }
    int needed = run.pieces().size();
    if (needed < run.stores.size()) {
      pieces += needed;
      run.stores.forEach(at -> byStore.put(at, run));
    }
  }

  private boolean isStore(int at) {
    Instruction insn = code.at(at);
    int type = insn.instructionClass();
    MemoryKind kind = code.kind(at);
    return (type == Opcode.ST || type == Opcode.STX)
        && (insn.opcode() & 0xe0) == Opcode.MEM
        && (kind == MemoryKind.PACKET || kind == MemoryKind.STACK)
        && words.localAccess(at) == 0;
  }

  private static Long stored(Instruction insn, Map<Integer, Long> known) {
    return insn.instructionClass() == Opcode.ST ? Long.valueOf(insn.imm()) : known.get(insn.src());
  }

  private static boolean isCalculation(Instruction insn) {
    int type = insn.instructionClass();
    return type == Opcode.ALU || type == Opcode.ALU64 || insn.isWide();
  }

  private void learn(int at, Instruction insn, Map<Integer, Long> known) {
    int type = insn.instructionClass();
    boolean plain = (insn.opcode() & Opcode.X) == 0 && insn.offset() == 0;
    if (type == Opcode.LD && insn.isWide() && insn.src() == 0) {
      long high = code.at(at + 1).imm();
      known.put(insn.dst(), high << Integer.SIZE | insn.imm() & 0xffff_ffffL);
    } else if ((type == Opcode.ALU || type == Opcode.ALU64)
        && (insn.opcode() & 0xf0) == Opcode.MOV
        && plain) {
      known.put(insn.dst(), type == Opcode.ALU64 ? insn.imm() : insn.imm() & 0xffff_ffffL);
    }
  }
}
