package org.xdp4j.bpf.compiler;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which of r0 to r9 are read again after a block is entered. */
final class Liveness {
  private final Map<Integer, Integer> liveAt = new HashMap<>();

  Liveness(Code code, List<Block> blocks) {
    int[] reads = new int[blocks.size()];
    int[] writes = new int[blocks.size()];
    for (int i = 0; i < reads.length; i++) {
      Block block = blocks.get(i);
      liveAt.put(block.start(), 0);
      for (int index = block.start(); index < block.end(); index = code.next(index)) {
        reads[i] |= Effects.reads(code, index) & ~writes[i];
        writes[i] |= Effects.writes(code, index);
      }
    }
    boolean changed = true;
    while (changed) {
      changed = false;
      for (int i = reads.length - 1; i >= 0; i--) {
        int live = 0;
        for (int successor : blocks.get(i).successors()) {
          live |= liveAt.get(successor);
        }
        live = live & ~writes[i] | reads[i];
        changed |= live != liveAt.put(blocks.get(i).start(), live);
      }
    }
  }

  /** Registers alive when the block at {@code start} is entered, as a mask. */
  int at(int start) {
    return liveAt.get(start);
  }
}
