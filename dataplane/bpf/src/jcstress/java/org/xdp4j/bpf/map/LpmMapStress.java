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
 * Each state has a network of 16 bits of its own in one of two maps, for there are more states than
 * such networks. Values are the network and the prefix's length, so that one from elsewhere is
 * seen.
 */
final class LpmMapStress {
  private static final int KEY = 2 * Integer.BYTES;
  private static final int NETWORKS = 1 << 16;
  private static final BpfMap[] ROUTES = new BpfMap[StressMemory.PIECES / NETWORKS];

  static {
    for (int i = 0; i < ROUTES.length; i++) {
      ROUTES[i] = StressMemory.map(MapType.LPM_TRIE, KEY, Long.BYTES, 2 * NETWORKS);
    }
  }

  private LpmMapStress() {}

  /** Where 8 bytes are with a length and the address 1.2 of a network. */
  private static long key(long at, int length, int network) {
    long address = network >>> 8 & 0xff | (network & 0xff) << 8 | 1 << 16 | 2 << 24;
    StressMemory.write(at, Long.BYTES, length | address << 32);
    return at;
  }

  /** What a network's prefix of this length leads to. */
  private static long value(int length, int network) {
    return (long) network << 32 | length;
  }

  /** The route is there at every moment: by its short prefix, by both, by its long one. */
  @JCStressTest
  @Outcome(id = "16", expect = Expect.ACCEPTABLE, desc = "the short one")
  @Outcome(
      id = {"24", "32"},
      expect = Expect.ACCEPTABLE,
      desc = "the long one")
  @Outcome(expect = Expect.FORBIDDEN, desc = "there always was a route, and to this network")
  @State
  public static class Longer {
    private final long piece = StressMemory.piece();
    private final int number = StressMemory.numberOf(piece);
    private final BpfMap routes = ROUTES[number / NETWORKS];
    private final int network = number % NETWORKS;
    private final int length = (network & 1) == 0 ? 24 : 32;
    private final long shorter = key(piece, 16, network);
    private final long longer = key(piece + 8, length, network);
    private final long wanted = key(piece + 16, 32, network);
    private final long value = piece + 24;

    public Longer() {
      StressMemory.write(value, Long.BYTES, value(16, network));
      routes.update(shorter, value, 0, 0);
      StressMemory.write(value, Long.BYTES, value(length, network));
    }

    @Actor
    public void writer() {
      routes.update(longer, value, 0, 0);
      routes.delete(shorter);
    }

    @Actor
    public void reader(I_Result found) {
      long at = routes.lookup(wanted, 0);
      long there = at == 0 ? -1 : StressMemory.REGION.segment().get(Region.LONG, at);
      found.r1 = there >>> 32 == network ? (int) there : -1;
    }

    @Arbiter
    public void end() {
      routes.delete(longer);
    }
  }
}
