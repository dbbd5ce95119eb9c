package org.xdp4j.bpf.map;

import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.memory.Region;

/**
 * Values that each CPU has its own of: an area a CPU, slots side by side in it, areas apart by
 * whole pairs of cache lines so that workers do not disturb each other.
 */
final class PerCpuArea {
  private static final long LINES = 128;

  private final long base;
  private final long stride;
  private final long area;
  private final int valueSize;
  private final int slots;
  private final int cpus;

  PerCpuArea(MapMemory owned, int valueSize, int slots, int cpus) {
    this.valueSize = valueSize;
    this.slots = slots;
    this.cpus = cpus;
    this.stride = Words.roundUp8(valueSize);
    this.area = (stride * slots + LINES - 1) & -LINES;
    this.base = owned.allocate(Math.multiplyExact(area, (long) cpus), LINES);
  }

  long stride() {
    return stride;
  }

  int cpus() {
    return cpus;
  }

  /** Where {@code cpu}'s value of {@code slot} is. */
  long address(int slot, int cpu) {
    return base + cpu * area + slot * stride;
  }

  /** Every CPU's value of {@code slot}, one after the other. */
  byte[] read(MemorySegment memory, int slot) {
    byte[] all = new byte[valueSize * cpus];
    for (int cpu = 0; cpu < cpus; cpu++) {
      long from = address(slot, cpu);
      MemorySegment.copy(memory, Region.BYTE, from, all, cpu * valueSize, valueSize);
    }
    return all;
  }

  /**
   * Sets every CPU's value of {@code slot}: each its own, or all the same when there is but one.
   */
  void write(MemorySegment memory, int slot, byte[] value) {
    int step = value.length == valueSize ? 0 : valueSize;
    for (int cpu = 0; cpu < cpus; cpu++) {
      long to = address(slot, cpu);
      MemorySegment.copy(value, cpu * step, memory, Region.BYTE, to, valueSize);
    }
  }

  /** Zeroes every CPU's value of {@code slot} but {@code except}'s. */
  void clearOthers(MemorySegment memory, int slot, int except) {
    for (int cpu = 0; cpu < cpus; cpu++) {
      if (cpu != except) {
        Words.clear(memory, address(slot, cpu), stride);
      }
    }
  }

  boolean contains(long address, long size) {
    long distance = address - base;
    if (distance < 0 || distance >= area * cpus) {
      return false;
    }
    long start = base + distance / area * area;
    return BpfMap.withinSlot(address, size, start, stride, slots, 0, valueSize);
  }
}
