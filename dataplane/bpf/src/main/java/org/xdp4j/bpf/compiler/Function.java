package org.xdp4j.bpf.compiler;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.helper.ReturnKind;

/** One function of the program, and how it is laid out in methods. */
final class Function {
  /**
   * A part of it that is a method of its own.
   *
   * @param entries starts of the blocks that other parts jump to, in order
   */
  record Chunk(int number, List<Block> blocks, List<Integer> entries) {}

  /**
   * Helpers that never look at the frame in the context: map_lookup_elem, map_update_elem,
   * map_delete_elem, get_prandom_u32, get_smp_processor_id and csum_diff.
   */
  private static final Set<Integer> FRAMELESS = Set.of(1, 2, 3, 7, 8, 28);

  /**
   * Helpers that look at the frame's time only: ktime_get_ns, jiffies64, ktime_get_boot_ns,
   * ktime_get_coarse_ns and ktime_get_tai_ns.
   */
  private static final Set<Integer> TIMES = Set.of(5, 118, 125, 160, 208);

  /** Helpers that only say where the frame is to go: redirect and redirect_map. */
  private static final Set<Integer> REDIRECTS = Set.of(23, 51);

  private final Code code;
  private final String name;
  private final FlowGraph graph;
  private final List<Chunk> chunks = new ArrayList<>();
  private final Map<Integer, Integer> entryNumbers = new HashMap<>();
  private final Liveness liveness;
  private final Set<Integer> packetPointers = new TreeSet<>();
  private final Set<Integer> callees = new TreeSet<>();
  private final Set<Integer> pointees = new TreeSet<>();
  private final Set<Integer> contextNumbers = new TreeSet<>();
  private final boolean usesBudget;
  private final Pointers pointers;
  private final StackWords wholeWords;
  private final StackWords words;
  private final Copies copies;
  private final Fills fills;
  private boolean needsFrame;
  private boolean needsTime;
  private boolean redirects;
  private boolean movesPacket;
  private boolean throwsExceptions;

  Function(Code code, int start, int number, int aim) {
    this.code = code;
    this.name = "f" + number;
    this.graph = new FlowGraph(code, start, aim);
    this.pointers = new Pointers(code, graph);
    this.wholeWords = new StackWords(code, graph, pointers);
    Copies wholeCopies = new Copies(code, graph, wholeWords);
    Fills wholeFills = new Fills(code, graph, wholeWords);
    boolean whole = Cost.of(code, graph, wholeWords, wholeCopies, wholeFills) <= aim;
    split(whole ? List.of(graph.blocks()) : Chunks.of(graph.blocks(), aim));
    this.liveness = isSplit() ? new Liveness(code, graph.blocks()) : null;
    this.words = isSplit() ? new StackWords(code, pointers) : wholeWords;
    this.copies = isSplit() ? new Copies(code, graph, words) : wholeCopies;
    this.fills = isSplit() ? new Fills(code, graph, words) : wholeFills;
    this.usesBudget = graph.instructions().anyMatch(code::isMayGoto);
    graph.instructions().forEach(this::note);
  }

  private void split(List<List<Block>> parts) {
    Map<Integer, Integer> chunkOf = new HashMap<>();
    for (int i = 0; i < parts.size(); i++) {
      for (Block block : parts.get(i)) {
        chunkOf.put(block.start(), i);
      }
    }
    BitSet entered = new BitSet();
    entered.set(graph.start());
    for (Block block : graph.blocks()) {
      for (int successor : block.successors()) {
        if (!chunkOf.get(successor).equals(chunkOf.get(block.start()))) {
          entered.set(successor);
        }
      }
    }
    for (int i = 0; i < parts.size(); i++) {
      List<Integer> entries = parts.get(i).stream().map(Block::start).filter(entered::get).toList();
      for (int k = 0; k < entries.size(); k++) {
        entryNumbers.put(entries.get(k), i << 16 | k);
      }
      chunks.add(new Chunk(i, parts.get(i), entries));
    }
  }

  private void note(int at) {
    if (code.isContextAccess(at)) {
      int offset = code.contextOffset(at) & -4;
      (offset < ContextFields.POINTERS_END ? packetPointers : contextNumbers).add(offset);
    }
    if (code.isSubprogramCall(at)) {
      callees.add(code.target(at));
    } else if (code.isFunctionPointer(at)) {
      callees.add(code.function(at));
      pointees.add(code.function(at));
    } else if (code.isCall(at)) {
      HelperSpec helper = code.helperAt(at);
      movesPacket |= code.isTailCall(at) || helper != null && helper.movesPacket();
      throwsExceptions |= helper != null && helper.returns() == ReturnKind.NEVER;
      needsTime |= helper != null && TIMES.contains(helper.id());
      redirects |= helper != null && REDIRECTS.contains(helper.id());
      needsFrame |= helper == null || !isFrameless(helper.id());
    }
  }

  private static boolean isFrameless(int helper) {
    return FRAMELESS.contains(helper) || TIMES.contains(helper) || REDIRECTS.contains(helper);
  }

  String name() {
    return name;
  }

  /** What its registers have to do with its stack and the packet. */
  Pointers pointers() {
    return pointers;
  }

  /** Its runs of loads and stores that copy. */
  Copies copies() {
    return copies;
  }

  /** Its runs of stores of known numbers. */
  Fills fills() {
    return fills;
  }

  /** What of its stack is local variables; nothing when it is split. */
  StackWords words() {
    return words;
  }

  /** What of its stack is local variables where it is in one method. */
  StackWords wholeWords() {
    return wholeWords;
  }

  FlowGraph graph() {
    return graph;
  }

  List<Chunk> chunks() {
    return chunks;
  }

  boolean isSplit() {
    return chunks.size() > 1;
  }

  /** Registers alive where the block at {@code start} begins; only known when it is split. */
  int liveAt(int start) {
    return liveness.at(start);
  }

  /** What stands for an entry: the chunk's number, and the entry's in it below 16 bits. */
  int entryNumber(int start) {
    return entryNumbers.get(start);
  }

  /** Offsets in {@code xdp_md} of the pointers that it reads. */
  Set<Integer> packetPointers() {
    return packetPointers;
  }

  /** Offsets in {@code xdp_md} of the other fields that it reads. */
  Set<Integer> contextNumbers() {
    return contextNumbers;
  }

  /** Whether a helper or another program it calls may look at the frame in the context. */
  boolean needsFrame() {
    return needsFrame;
  }

  /** Whether it asks for the frame's time. */
  boolean needsTime() {
    return needsTime;
  }

  /** Whether it says where the frame is to go. */
  boolean redirects() {
    return redirects;
  }

  /** Starts of the functions it calls or points at. */
  Set<Integer> callees() {
    return callees;
  }

  /** Starts of the functions it points at, which helpers may call back. */
  Set<Integer> pointees() {
    return pointees;
  }

  /** Whether it has a {@code may_goto}. */
  boolean usesBudget() {
    return usesBudget;
  }

  /** Whether the packet may have moved when it returns, as far as it does that itself. */
  boolean movesPacket() {
    return movesPacket;
  }

  /** Whether it, or any function it calls, moves the packet. */
  static Set<Integer> movers(Map<Integer, Function> functions) {
    return spread(functions, function -> function.movesPacket, start -> true);
  }

  /**
   * Those in which an exception may come up that they or functions they call throw, none coming
   * further up than to {@code boundaries}.
   */
  static Set<Integer> throwers(Map<Integer, Function> functions, Set<Integer> boundaries) {
    return spread(
        functions, function -> function.throwsExceptions, start -> !boundaries.contains(start));
  }

  /** Those of which it holds, and those that call one where what holds passes to its callers. */
  private static Set<Integer> spread(
      Map<Integer, Function> functions, Predicate<Function> holds, IntPredicate passes) {
    Set<Integer> found = new HashSet<>();
    functions.forEach(
        (start, function) -> {
          if (holds.test(function)) {
            found.add(start);
          }
        });
    boolean changed = true;
    while (changed) {
      changed = false;
      for (Map.Entry<Integer, Function> entry : functions.entrySet()) {
        if (entry.getValue().callees.stream().anyMatch(c -> passes.test(c) && found.contains(c))) {
          changed |= found.add(entry.getKey());
        }
      }
    }
    return found;
  }
}
