package org.xdp4j.bpf.compiler;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.verifier.MemoryKind;

/**
 * Runs of loads and stores that copy neighbouring bytes from one place to another, as {@code
 * memcpy} of a MAC address is compiled to: two bytes at a time, for clang trusts no more than an
 * alignment of two. Each becomes copies of 8, 4, 2 and 1 bytes. Places of the same kind might be
 * the same place; only those of different kinds are taken, of which no byte can be in both.
 */
final class Copies {
  /**
   * One run.
   *
   * @param end the instruction behind it
   * @param from register and offset of its lowest byte
   * @param to where that byte goes
   * @param last its last load, whose value is needed afterwards; -1 when nobody reads it
   */
  record Run(int end, int source, int from, int destination, int to, int size, int last) {}

  private final Code code;
  private final StackWords words;
  private final Map<Integer, Run> runs = new HashMap<>();
  private final List<Integer> inside = new ArrayList<>();

  Copies(Code code, FlowGraph graph, StackWords words) {
    this.code = code;
    this.words = words;
    for (Block block : graph.blocks()) {
      int at = block.start();
      while (at < block.end()) {
        Run run = runAt(at, block);
        if (run != null) {
          runs.put(at, run);
          for (int i = at; i < run.end(); i++) {
            inside.add(i);
          }
        }
        at = run != null ? run.end() : code.next(at);
      }
    }
  }

  /** The run that begins with the instruction at {@code index}, or null. */
  Run at(int index) {
    return runs.get(index);
  }

  /** Accesses that all runs need, and the instructions that are in them. */
  int accesses() {
    return runs.values().stream().mapToInt(run -> 2 * chunks(run.size())).sum();
  }

  List<Integer> instructions() {
    return inside;
  }

  private static int chunks(int size) {
    return size / 8 + Integer.bitCount(size % 8);
  }

  private Run runAt(int start, Block block) {
    if (!isPair(start, block.end())) {
      return null;
    }
    Instruction load = code.at(start);
    Instruction store = code.at(start + 1);
    int low = load.offset();
    int high = low + MemoryEmitter.bytes(load);
    int at = start + 2;
    while (isPair(at, block.end()) && continues(load, store, at)) {
      int offset = code.at(at).offset();
      int size = MemoryEmitter.bytes(code.at(at));
      if (offset == high) {
        high += size;
      } else if (offset + size == low) {
        low = offset;
      } else {
        break;
      }
      at += 2;
    }
    if (at == start + 2) {
      return null;
    }
    int shift = store.offset() - load.offset();
    int last = isReadFrom(at, block.end(), load.dst()) ? at - 2 : -1;
    return new Run(at, load.src(), low, store.dst(), low + shift, high - low, last);
  }

  private boolean continues(Instruction load, Instruction store, int at) {
    Instruction nextLoad = code.at(at);
    Instruction nextStore = code.at(at + 1);
    return nextLoad.src() == load.src()
        && nextLoad.dst() == load.dst()
        && nextStore.dst() == store.dst()
        && nextStore.offset() - nextLoad.offset() == store.offset() - load.offset()
        && code.kind(at) == code.kind(at - 2)
        && code.kind(at + 1) == code.kind(at - 1);
  }

  private boolean isPair(int at, int end) {
    if (at + 2 > end) {
      return false;
    }
    Instruction load = code.at(at);
    Instruction store = code.at(at + 1);
    return load.instructionClass() == Opcode.LDX
        && store.instructionClass() == Opcode.STX
        && (load.opcode() & 0xe0) == Opcode.MEM
        && (store.opcode() & 0xe0) == Opcode.MEM
        && MemoryEmitter.bytes(load) == MemoryEmitter.bytes(store)
        && load.dst() == store.src()
        && load.dst() != load.src()
        && load.dst() != store.dst()
        && isApart(code.kind(at), code.kind(at + 1))
        && words.localAccess(at) == 0
        && words.localAccess(at + 1) == 0;
  }

  private static boolean isApart(MemoryKind a, MemoryKind b) {
    return a != b && isOnePlace(a) && isOnePlace(b);
  }

  private static boolean isOnePlace(MemoryKind kind) {
    return kind == MemoryKind.PACKET || kind == MemoryKind.MAP_VALUE || kind == MemoryKind.STACK;
  }

  /** Whether a register may be read before it is written, as far as the block tells. */
  private boolean isReadFrom(int start, int end, int register) {
    for (int at = start; at < end; at = code.next(at)) {
      if ((Effects.reads(code, at) >> register & 1) != 0) {
        return true;
      }
      if ((Effects.writes(code, at) >> register & 1) != 0) {
        return false;
      }
    }
    return true;
  }
}
