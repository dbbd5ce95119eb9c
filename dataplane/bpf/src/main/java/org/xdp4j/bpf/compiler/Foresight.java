package org.xdp4j.bpf.compiler;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.LpmTrieMap;
import org.xdp4j.bpf.map.Prefetch;

/**
 * The first part of a program: what it does up to its first look-up in a large map, without what
 * others would notice. Run over all frames of a batch before the program is, it says which keys
 * they will look up ({@link Prefetch}).
 *
 * <p>It does no store but to words of the stack that are local variables. A store elsewhere is
 * passed over: what is loaded after it may be older than what the program will load, and the key
 * another one then, which does no harm. It ends at calls, at atomic operations, at stores to the
 * stack's memory, and where the program jumps back.
 */
final class Foresight {
  private static final int GET_SMP_PROCESSOR_ID = 8;

  private final Code code;
  private final Function main;
  private final Map<BpfMap, Integer> numbers = new LinkedHashMap<>();
  private final List<Block> blocks;

  /** What becomes of an instruction that is not as ever. */
  private final Map<Integer, Body.Part> parts = new HashMap<>();

  Foresight(Code code, Function main) {
    this.code = code;
    this.main = main;
    List<Block> found = code.verified() ? follow() : List.of();
    this.blocks = numbers.isEmpty() ? List.of() : found;
  }

  /** What is written of the program; empty when it has no look-up to foresee. */
  List<Block> blocks() {
    return blocks;
  }

  /** The maps that are looked into, in the order of their numbers. */
  List<BpfMap> maps() {
    return List.copyOf(numbers.keySet());
  }

  /** The number of a map. */
  int number(BpfMap map) {
    return numbers.get(map);
  }

  /** What of the instruction is written. */
  Body.Part part(int at) {
    return parts.getOrDefault(at, Body.Part.WHOLE);
  }

  /** Whether the instruction is a look-up that is foreseen. */
  boolean isForeseen(int at) {
    return code.isCall(at) && isLookUp(at) && numbers.containsKey(code.mapAt(at));
  }

  private List<Block> follow() {
    Map<Integer, Block> all = new HashMap<>();
    main.graph().blocks().forEach(block -> all.put(block.start(), block));
    Map<Integer, Block> reached = new HashMap<>();
    Deque<Integer> waiting = new ArrayDeque<>(List.of(main.graph().start()));
    while (!waiting.isEmpty()) {
      Block block = all.get(waiting.pop());
      if (reached.putIfAbsent(block.start(), block) == null && passes(block)) {
        for (int successor : block.successors()) {
          waiting.push(successor);
        }
      }
    }
    List<Block> ordered = new ArrayList<>(main.graph().blocks());
    ordered.retainAll(reached.values());
    return ordered;
  }

  /** Notes what becomes of a block's instructions; whether its end is reached. */
  private boolean passes(Block block) {
    for (int at = block.start(); at < block.end(); at = code.next(at)) {
      Body.Part part = judge(at);
      if (part != Body.Part.WHOLE) {
        parts.put(at, part);
      }
      if (part == Body.Part.LAST) {
        return false;
      }
    }
    return true;
  }

  private Body.Part judge(int at) {
    Instruction insn = code.at(at);
    return switch (insn.instructionClass()) {
      case Opcode.JMP, Opcode.JMP32 -> jump(at);
      case Opcode.ST, Opcode.STX -> store(at, insn);
      default -> Body.Part.WHOLE;
    };
  }

  private Body.Part jump(int at) {
    if (code.isCall(at)) {
      return call(at);
    }
    boolean back = code.isJump(at) && code.target(at) <= at;
    return back || code.isMayGoto(at) ? Body.Part.LAST : Body.Part.WHOLE;
  }

  private Body.Part call(int at) {
    if (isLookUp(at)) {
      BpfMap map = code.mapAt(at);
      if (ArrayLookup.isFor(map)) {
        return Body.Part.WHOLE;
      }
      if (isWorthIt(map)) {
        numbers.putIfAbsent(map, numbers.size());
      }
      return Body.Part.LAST;
    }
    boolean plain = code.at(at).src() == Opcode.HELPER_CALL;
    return plain && code.at(at).imm() == GET_SMP_PROCESSOR_ID ? Body.Part.WHOLE : Body.Part.LAST;
  }

  private boolean isLookUp(int at) {
    return code.at(at).src() == Opcode.HELPER_CALL
        && code.at(at).imm() == HelperSpec.MAP_LOOKUP_ELEM
        && code.mapAt(at) != null;
  }

  /** Whether look-ups in a map of this size may wait for memory. */
  private static boolean isWorthIt(BpfMap map) {
    long bytes = (long) map.spec().maxEntries() * (map.spec().keySize() + map.spec().valueSize());
    return bytes >= Prefetch.CACHED && prefetch(map) != null;
  }

  /** How a map fetches ahead; null when it cannot. */
  static Prefetch prefetch(BpfMap map) {
    if (HashLookup.isFor(map)) {
      return map.hashLayout();
    }
    if (LpmLookup.isFor(map)) {
      return ((LpmTrieMap) map).reader();
    }
    return LpmPathLookup.isFor(map) ? ((LpmTrieMap) map).pathReader() : null;
  }

  private Body.Part store(int at, Instruction insn) {
    if (main.wholeWords().localAccess(at) != 0) {
      return Body.Part.WHOLE;
    }
    boolean stack = insn.dst() == 10 || Pointers.isStack(main.pointers().at(at, insn.dst()));
    return stack || Effects.isAtomic(insn) ? Body.Part.LAST : Body.Part.NONE;
  }
}
