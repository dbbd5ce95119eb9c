package org.xdp4j.bpf.compiler;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Cuts a function's blocks, in program order, into parts that each make a method of the size aimed
 * at. Among the places to cut it takes one in the fewest loops, for what crosses a cut goes through
 * memory.
 */
final class Chunks {
  private Chunks() {}

  /** One part when everything fits in one. */
  static List<List<Block>> of(List<Block> blocks, int aim) {
    int[] loops = loopsAround(blocks);
    List<List<Block>> chunks = new ArrayList<>();
    int start = 0;
    while (start < blocks.size()) {
      int end = start;
      int best = -1;
      int cost = 0;
      while (end < blocks.size() && (end == start || cost + blocks.get(end).cost() <= aim)) {
        cost += blocks.get(end).cost();
        end++;
        if (cost >= aim / 2 && (best < 0 || loops[end] <= loops[best])) {
          best = end;
        }
      }
      int cut = end == blocks.size() || best < 0 ? end : best;
      chunks.add(blocks.subList(start, cut));
      start = cut;
    }
    return chunks;
  }

  /** How many jumps backwards pass over the place before each block. */
  private static int[] loopsAround(List<Block> blocks) {
    Map<Integer, Integer> indexes = new HashMap<>();
    for (int i = 0; i < blocks.size(); i++) {
      indexes.put(blocks.get(i).start(), i);
    }
    int[] change = new int[blocks.size() + 2];
    for (int i = 0; i < blocks.size(); i++) {
      for (int successor : blocks.get(i).successors()) {
        int target = indexes.get(successor);
        if (target <= i) {
          change[target + 1]++;
          change[i + 1]--;
        }
      }
    }
    int[] around = new int[blocks.size() + 1];
    for (int i = 1; i <= blocks.size(); i++) {
      around[i] = around[i - 1] + change[i];
    }
    return around;
  }
}
