package org.xdp4j.bpf.map;

import java.util.concurrent.atomic.AtomicInteger;
import org.xdp4j.bpf.memory.Region;

/**
 * Memory for the states of stress tests: as many pieces as states are ever there at once, and maps.
 */
final class StressMemory {
  static final Region REGION = Region.commit(128 << 20);

  static final int PIECE = 256;
  static final int PIECES = 1 << 17;

  private static final long BASE = REGION.allocate((long) PIECE * PIECES, 64);
  private static final AtomicInteger NEXT = new AtomicInteger();

  private StressMemory() {}

  /** Where 256 bytes are that no other state has now. */
  static long piece() {
    return BASE + (long) PIECE * (NEXT.getAndIncrement() & PIECES - 1);
  }

  /** The number of a piece, below {@link #PIECES}. */
  static int numberOf(long piece) {
    return (int) ((piece - BASE) / PIECE);
  }

  /** What is taken from a budget without end. */
  static HeapAccount heap() {
    return new HeapAccount(new MapMemory(REGION, MapBudget.unlimited()));
  }

  /** A map that all states of a test share. */
  static BpfMap map(MapType type, int key, int value, int entries) {
    int flags = type == MapType.LPM_TRIE ? MapSpec.F_NO_PREALLOC : 0;
    try {
      return MapFactory.create(MapSpec.of("m", type, key, value, entries, flags), REGION, 1);
    } catch (MapException e) {
      throw new IllegalStateException(e);
    }
  }

  static void write(long at, int size, long number) {
    for (int i = 0; i < size; i += Long.BYTES) {
      REGION.segment().set(Region.LONG, at + i, number);
    }
  }
}
