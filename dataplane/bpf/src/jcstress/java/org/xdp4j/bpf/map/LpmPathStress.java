package org.xdp4j.bpf.map;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;
import org.xdp4j.bpf.memory.Region;

/**
 * An IPv6 route is looked for without a lock while another takes its place, below one that stays.
 * Each state has a network of 32 bits of its own. Values are the network and the prefix's length,
 * so that one from elsewhere is seen.
 */
final class LpmPathStress {
  private static final int KEY = Integer.BYTES + 16;
  private static final int STAYS = 32;
  private static final BpfMap ROUTES =
      StressMemory.map(MapType.LPM_TRIE, KEY, Long.BYTES, 4 * StressMemory.PIECES);

  private LpmPathStress() {}

  /** Writes a key: of the address the network, and behind it the number of each byte. */
  private static void key(long at, int length, int network) {
    long first = Integer.toUnsignedLong(Integer.reverseBytes(network)) | 0x07060504L << 32;
    StressMemory.write(at, Long.BYTES, Integer.toUnsignedLong(length) | first << 32);
    StressMemory.write(at + 8, Long.BYTES, first >>> 32 | 0x0b0a0908L << 32);
    StressMemory.write(at + 16, Long.BYTES, 0x0f0e0d0cL);
  }

  private static void put(long at, int length, int network) {
    key(at, length, network);
    StressMemory.write(at + 24, Long.BYTES, (long) network << 32 | length);
    ROUTES.update(at, at + 24, 0, 0);
  }

  private static void remove(long at, int length, int network) {
    key(at, length, network);
    ROUTES.delete(at);
  }

  /** The route is there at every moment: by one prefix, by both, by the other. */
  @JCStressTest
  @Outcome(
      id = {"40", "48", "64", "128"},
      expect = Expect.ACCEPTABLE,
      desc = "the one or the other")
  @Outcome(expect = Expect.FORBIDDEN, desc = "one of them always was there")
  @State
  public static class Replaced {
    private static final int[][] LENGTHS = {{40, 64}, {64, 40}, {48, 128}, {128, 48}};

    private final long piece = StressMemory.piece();
    private final int network = StressMemory.numberOf(piece);
    private final int before = LENGTHS[network & 3][0];
    private final int after = LENGTHS[network & 3][1];
    private final long wanted = piece + 64;

    public Replaced() {
      put(piece, STAYS, network);
      put(piece, before, network);
      key(wanted, 128, network);
    }

    @Actor
    public void writer() {
      put(piece, after, network);
      remove(piece, before, network);
    }

    @Actor
    public void reader(I_Result found) {
      long at = ROUTES.lookup(wanted, 0);
      long there = at == 0 ? -1 : StressMemory.REGION.segment().get(Region.LONG, at);
      found.r1 = there >>> 32 == network ? (int) there : -1;
    }

    @Arbiter
    public void end() {
      remove(piece, after, network);
      remove(piece, STAYS, network);
    }
  }
}
