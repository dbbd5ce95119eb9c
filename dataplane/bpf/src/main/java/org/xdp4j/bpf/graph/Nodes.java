package org.xdp4j.bpf.graph;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import org.xdp4j.bpf.memory.Region;

/** What nodes of lists and of trees have in common: words in the region, and an owner. */
final class Nodes {
  /** Stands for an owner while a node is being added (kernel: BPF_PTR_POISON). */
  private static final long ADDING = 1;

  private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();

  private Nodes() {}

  static long get(MemorySegment memory, long address) {
    return memory.get(Region.LONG, address);
  }

  static void set(MemorySegment memory, long address, long value) {
    memory.set(Region.LONG, address, value);
  }

  /** Whether the node whose owner stands at {@code address} had none, and is the caller's now. */
  static boolean claim(MemorySegment memory, long address) {
    return WORD.compareAndSet(memory, address, 0L, ADDING);
  }

  static long owner(MemorySegment memory, long address) {
    return (long) WORD.getAcquire(memory, address);
  }

  static void setOwner(MemorySegment memory, long address, long owner) {
    WORD.setRelease(memory, address, owner);
  }
}
