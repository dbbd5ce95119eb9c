package org.xdp4j.bpf.map;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Longest matches without a lock while prefixes come and go. */
@JCStressTest
@Outcome(id = "8, 24", expect = Expect.ACCEPTABLE, desc = "before, or after")
@Outcome(id = "16, 24", expect = Expect.ACCEPTABLE, desc = "while the prefix between is there")
@Outcome(expect = Expect.FORBIDDEN, desc = "what is there throughout is always found")
@State
public class LpmTrieStress {
  private static final byte[] DATA = {10, 1, 2, 3};

  private final LpmTrie trie = new LpmTrie(StressMemory.REGION.segment(), StressMemory.heap());
  private final long outside = StressMemory.piece();
  private final long inside = outside + Long.BYTES;

  public LpmTrieStress() {
    trie.put(DATA, 8, 8);
    trie.put(DATA, 24, 24);
    StressMemory.write(outside, Long.BYTES, 10 | 1 << 8 | 9 << 16);
    StressMemory.write(inside, Long.BYTES, 10 | 1 << 8 | 2 << 16 | 4 << 24);
  }

  @Actor
  public void writer() {
    trie.put(DATA, 16, 16);
    trie.remove(DATA, 16);
  }

  @Actor
  public void reader(II_Result found) {
    found.r1 = (int) trie.find(outside, 32);
    found.r2 = (int) trie.find(inside, 32);
  }
}
