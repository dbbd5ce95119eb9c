package org.xdp4j.bpf.map;

import static org.xdp4j.bpf.map.Errno.E2BIG;
import static org.xdp4j.bpf.map.Errno.EEXIST;
import static org.xdp4j.bpf.map.Errno.EINVAL;

import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.memory.Region;

/**
 * {@code BPF_MAP_TYPE_PERCPU_ARRAY}: an array for each CPU. Each CPU's values lie together, and
 * begin on cache lines no other CPU writes.
 *
 * <pre>
 *  base                                    base + area
 *    | value 0 | value 1 | ... | pad to 128  | value 0 | value 1 | ...
 *    '------------- CPU 0 -----------------' '------ CPU 1 -----
 * </pre>
 *
 * Memory: (value size rounded up to 8) x entries, rounded up to 128, x CPUs.
 */
public final class PerCpuArrayMap extends BpfMap {
  private final PerCpuArea values;

  PerCpuArrayMap(MapSpec spec, MapMemory owned, int cpus) {
    super(spec, owned);
    values = new PerCpuArea(owned, valueSize, maxEntries, cpus);
  }

  static void check(MapSpec spec) throws MapException {
    new SpecCheck(spec)
        .flags(MapSpec.F_NUMA_NODE | MapSpec.ACCESS_FLAGS)
        .noNode()
        .keySize(4)
        .perCpuValues()
        .entries()
        .done();
  }

  /** Address of {@code cpu}'s first value: compiled programs index from it. */
  public long base(int cpu) {
    return values.address(0, cpu);
  }

  /** Bytes from one value of a CPU to its next. */
  public long stride() {
    return values.stride();
  }

  @Override
  public int valuesPerKey() {
    return values.cpus();
  }

  @Override
  public long lookup(long key, int cpu) {
    int index = memory.get(Region.INT, key);
    return Integer.compareUnsigned(index, maxEntries) < 0 ? values.address(index, cpu) : 0;
  }

  /** {@code bpf_map_lookup_percpu_elem}: another CPU's value, or 0. */
  public long lookupPerCpu(long key, long cpu) {
    return cpu >= 0 && cpu < values.cpus() ? lookup(key, (int) cpu) : 0;
  }

  @Override
  public long update(long key, long value, long flags, int cpu) {
    int index = memory.get(Region.INT, key);
    long refused = refusal(index, flags);
    if (refused == 0) {
      place(value, values.address(index, cpu));
    }
    return refused;
  }

  private int refusal(int index, long flags) {
    if (Long.compareUnsigned(flags, EXIST) > 0) {
      return EINVAL;
    }
    if (Integer.compareUnsigned(index, maxEntries) >= 0) {
      return E2BIG;
    }
    return flags == NOEXIST ? EEXIST : 0;
  }

  @Override
  public long delete(long key) {
    return EINVAL;
  }

  @Override
  byte[] read(long key) {
    int index = memory.get(Region.INT, key);
    return Integer.compareUnsigned(index, maxEntries) < 0 ? values.read(memory, index) : null;
  }

  @Override
  int write(long key, byte[] value, long flags) {
    int index = memory.get(Region.INT, key);
    int refused = refusal(index, flags);
    if (refused == 0) {
      placeAll(values, index, value);
    }
    return refused;
  }

  @Override
  boolean hasBatches() {
    return true;
  }

  @Override
  public Iterable<byte[]> keys() {
    return indexKeys(maxEntries, i -> true);
  }

  @Override
  public boolean containsValue(long address, long size) {
    return values.contains(address, size);
  }

  @Override
  public long forEach(XdpContext context, long function, long argument) {
    return ElementWalk.ofArray(this, context, function, argument);
  }

  @Override
  int elements() {
    return maxEntries;
  }

  @Override
  long valueOf(int element, int cpu) {
    return values.address(element, cpu);
  }
}
