package org.xdp4j.bpf.compiler;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;

/** The blocks of one function, in program order: everything that can be reached from its start. */
final class FlowGraph {
  private final Code code;
  private final int start;
  private final BitSet reached = new BitSet();
  private final BitSet leaders = new BitSet();
  private final List<Block> blocks = new ArrayList<>();

  /**
   * @param largestBlock estimated bytes of bytecode above which a block is cut in two
   */
  FlowGraph(Code code, int start, int largestBlock) {
    this.code = code;
    this.start = start;
    follow();
    cut(largestBlock);
  }

  List<Block> blocks() {
    return blocks;
  }

  int start() {
    return start;
  }

  /** All instructions of the function. */
  IntStream instructions() {
    return reached.stream();
  }

  /** Whether a block begins at {@code index}; false for what is dead. */
  boolean isBlock(int index) {
    return leaders.get(index);
  }

  private void follow() {
    Deque<Integer> starts = new ArrayDeque<>();
    starts.push(entered(start, start));
    while (!starts.isEmpty()) {
      int index = starts.pop();
      while (index >= 0 && !reached.get(index)) {
        reached.set(index);
        index = step(index, starts);
      }
    }
  }

  /** The instruction to go on with, or -1. */
  private int step(int index, Deque<Integer> starts) {
    if (code.isExit(index)) {
      return -1;
    }
    if (code.isJump(index)) {
      int target = entered(code.target(index), index);
      if (target >= 0) {
        starts.push(target);
      }
      return code.isUnconditional(index) ? -1 : entered(code.next(index), index);
    }
    int next = code.next(index);
    if (next >= code.size()) {
      throw CompileException.at(index, "the program runs over its end");
    }
    if (!code.reached(next)) {
      return -1;
    }
    return next;
  }

  private int entered(int target, int from) {
    if (target < 0 || target >= code.size()) {
      throw CompileException.at(from, "goes to " + target + ", which is not in the program");
    }
    if (!code.reached(target)) {
      return -1;
    }
    leaders.set(target);
    return target;
  }

  private void cut(int largestBlock) {
    int index = leaders.nextSetBit(0);
    while (index >= 0) {
      int first = index;
      int cost = 0;
      int last;
      do {
        last = index;
        cost += Cost.of(code, index);
        index = code.next(index);
      } while (goesOn(last, index) && cost + Cost.of(code, index) <= largestBlock);
      if (goesOn(last, index)) {
        leaders.set(index);
      }
      blocks.add(new Block(first, index, successors(last, index), cost));
      index = leaders.nextSetBit(index);
    }
  }

  private boolean goesOn(int last, int next) {
    return !ends(last) && next < code.size() && reached.get(next) && !leaders.get(next);
  }

  private boolean ends(int index) {
    return code.isExit(index) || code.isJump(index);
  }

  private int[] successors(int last, int next) {
    IntStream.Builder found = IntStream.builder();
    if (!code.isExit(last) && !code.isUnconditional(last) && next < code.size()) {
      found.add(next);
    }
    if (code.isJump(last)) {
      found.add(code.target(last));
    }
    return found.build().filter(reached::get).distinct().toArray();
  }
}
