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
 * An IPv4 route is looked for without a lock while a longer prefix takes a shorter one's place.
 * Each state has a network of 16 bits of its own in the same map.
 */
final class LpmMapStress {
  private static final int KEY = 2 * Integer.BYTES;
  private static final BpfMap ROUTES =
      StressMemory.map(MapType.LPM_TRIE, KEY, Long.BYTES, StressMemory.PIECES);

  private LpmMapStress() {}

  /** Where 8 bytes are with a length and the address 1.2 of a network. */
  private static long key(long at, int length, int network) {
    long address = network >>> 8 & 0xff | (network & 0xff) << 8 | 1 << 16 | 2 << 24;
    StressMemory.write(at, Long.BYTES, length | address << 32);
    return at;
  }

  /** The route is there at every moment: by its short prefix, by both, by its long one. */
  @JCStressTest
  @Outcome(id = "16", expect = Expect.ACCEPTABLE, desc = "the short one")
  @Outcome(
      id = {"24", "32"},
      expect = Expect.ACCEPTABLE,
      desc = "the long one")
  @Outcome(expect = Expect.FORBIDDEN, desc = "there always was a route")
  @State
  public static class Longer {
    private final long piece = StressMemory.piece();
    private final int network = (int) (piece / StressMemory.PIECE) & 0xffff;
    private final int length = (network & 1) == 0 ? 24 : 32;
    private final long shorter = key(piece, 16, network);
    private final long longer = key(piece + 8, length, network);
    private final long wanted = key(piece + 16, 32, network);
    private final long value = piece + 24;

    public Longer() {
      StressMemory.write(value, Long.BYTES, 16);
      ROUTES.update(shorter, value, 0, 0);
      StressMemory.write(value, Long.BYTES, length);
    }

    @Actor
    public void writer() {
      ROUTES.update(longer, value, 0, 0);
      ROUTES.delete(shorter);
    }

    @Actor
    public void reader(I_Result found) {
      long at = ROUTES.lookup(wanted, 0);
      found.r1 = at == 0 ? -1 : (int) StressMemory.REGION.segment().get(Region.LONG, at);
    }

    @Arbiter
    public void end() {
      ROUTES.delete(longer);
    }
  }
}
