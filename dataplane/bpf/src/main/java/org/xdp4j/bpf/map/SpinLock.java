package org.xdp4j.bpf.map;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import org.xdp4j.bpf.memory.Region;

/**
 * {@code struct bpf_spin_lock} (linux/bpf.h) in a map value: four bytes, 0 when free. Whoever waits
 * spins, then yields; it is held for a few instructions only, which the verifier sees to.
 */
public final class SpinLock {
  private static final int FREE = 0;
  private static final int HELD = 1;
  private static final VarHandle CELL = ValueLayout.JAVA_INT.varHandle();

  private SpinLock() {}

  /** Takes the lock at {@code address}, a multiple of 4, waiting until it is free. */
  public static void lock(Region region, long address) {
    MemorySegment memory = region.segment();
    for (int spins = 0; !CELL.compareAndSet(memory, address, FREE, HELD); spins++) {
      HashIndex.pause(spins);
    }
  }

  /** Takes the lock at {@code address}; false when it stays taken for {@code nanos}. */
  public static boolean tryLock(Region region, long address, long nanos) {
    MemorySegment memory = region.segment();
    if (CELL.compareAndSet(memory, address, FREE, HELD)) {
      return true;
    }
    long start = System.nanoTime();
    for (int spins = 0; !CELL.compareAndSet(memory, address, FREE, HELD); spins++) {
      if (System.nanoTime() - start > nanos) {
        return false;
      }
      HashIndex.pause(spins);
    }
    return true;
  }

  /** Frees the lock at {@code address}. */
  public static void unlock(Region region, long address) {
    CELL.setRelease(region.segment(), address, FREE);
  }
}
