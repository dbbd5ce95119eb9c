package org.xdp4j.bpf.map;

import org.xdp4j.bpf.memory.Region;

/**
 * {@code BPF_MAP_TYPE_CPUMAP} (kernel/bpf/cpumap.c): workers to hand frames to, by number, each
 * with the length of its queue and perhaps a program to run there ({@code xdp/cpumap}). To programs
 * it is neither readable nor writable.
 *
 * <p>Memory: 8 bytes x entries.
 */
public final class CpuMap extends TargetArrayMap {
  private static final int QUEUE_MAX = 16384;

  /** NR_CPUS of a usual kernel build: the bound of the map's size. */
  private static final int CPUS_MAX = 8192;

  CpuMap(MapSpec spec, MapMemory owned) {
    super(spec, owned);
  }

  static void check(MapSpec spec) throws MapException {
    new SpecCheck(spec)
        .flags(MapSpec.F_NUMA_NODE)
        .keySize(4)
        .valueSize(4, 8)
        .entries()
        .atMost(CPUS_MAX)
        .done();
  }

  /** The queue length under {@code cpu}, 0 when there is none. */
  public int queueSize(int cpu) {
    return (int) value(cpu);
  }

  /** What is wrong with an entry before its program is looked at: 0 or a negative errno. */
  public int check(int cpu, int queueSize) {
    if (!has(cpu)) {
      return Errno.E2BIG;
    }
    return queueSize > QUEUE_MAX ? Errno.EOVERFLOW : 0;
  }

  /**
   * Opens a worker as a target.
   *
   * @param queueSize 1 to 16384
   * @param program null for none; the entry holds it
   * @return 0 or a negative errno; -ENOMEM, as in Linux, for a program when the map's values are
   *     not 8 bytes, the program is not one of {@code xdp/cpumap}, or those that use the map differ
   *     from it in {@code xdp.frags}; -EBADF when it has ended
   */
  public synchronized int set(int cpu, int queueSize, MapProgram program) {
    int bad = check(cpu, queueSize);
    if (bad == 0 && program != null && !takes(program)) {
      bad = Errno.ENOMEM;
    }
    if (bad == 0 && queueSize <= 0) {
      bad = Errno.EINVAL;
    }
    return bad != 0 ? bad : put(cpu, queueSize, program);
  }

  private boolean takes(MapProgram program) {
    return valueSize == 8 && program.kind().attach().equals("cpumap") && admits(program.kind());
  }

  @Override
  public boolean hasTarget(int key) {
    return queueSize(key) != 0;
  }

  @Override
  public long redirectFlags() {
    return 0;
  }

  @Override
  public long lookup(long key, int cpu) {
    return 0;
  }

  @Override
  byte[] read(long key) {
    int cpu = memory.get(Region.INT, key);
    return queueSize(cpu) == 0 ? null : bytes(base + 8L * cpu, valueSize);
  }

  @Override
  public long update(long key, long value, long flags, int cpu) {
    int target = memory.get(Region.INT, key);
    if (Long.compareUnsigned(flags, EXIST) > 0) {
      return Errno.EINVAL;
    }
    if (!has(target)) {
      return Errno.E2BIG;
    }
    if (flags == NOEXIST) {
      return Errno.EEXIST;
    }
    long entry = DeviceMapSupport.load(memory, value, valueSize);
    if (Integer.compareUnsigned((int) entry, QUEUE_MAX) > 0) {
      return Errno.EOVERFLOW;
    }
    if ((int) entry == 0) {
      return clear(target);
    }
    return DeviceMapSupport.namesProgram(entry) ? Errno.ENOMEM : set(target, (int) entry, null);
  }

  @Override
  public boolean containsValue(long address, long size) {
    return false;
  }
}
