package org.xdp4j.bpf.map;

import org.xdp4j.bpf.memory.Region;

/**
 * {@code BPF_MAP_TYPE_PERF_EVENT_ARRAY}: the buffers of {@code bpf_perf_event_output}. The buffers
 * themselves are the event sink of the context that runs; the map is only the name they go by and
 * the bound of their index.
 */
public final class PerfEventArrayMap extends BpfMap {
  PerfEventArrayMap(MapSpec spec, MapMemory owned) {
    super(spec, owned);
  }

  static void check(MapSpec spec) throws MapException {
    int preserveElements = 1 << 11;
    int flags = MapSpec.F_NUMA_NODE | MapSpec.F_RDONLY | MapSpec.F_WRONLY | preserveElements;
    new SpecCheck(spec).flags(flags).keySize(4).valueSize(4).entries().done();
  }

  @Override
  public long lookup(long key, int cpu) {
    return 0;
  }

  @Override
  int nothingFound() {
    return Errno.ENOTSUPP;
  }

  @Override
  public long update(long key, long value, long flags, int cpu) {
    return Errno.EOPNOTSUPP;
  }

  /** A number says nothing about which event is meant: no event of user space's is here. */
  @Override
  int write(long key, byte[] value, long flags) {
    if (flags != ANY) {
      return Errno.EINVAL;
    }
    return has(key) ? Errno.EBADF : Errno.E2BIG;
  }

  @Override
  int erase(long key) {
    return has(key) ? Errno.ENOENT : Errno.E2BIG;
  }

  private boolean has(long key) {
    return Integer.compareUnsigned(memory.get(Region.INT, key), maxEntries) < 0;
  }

  @Override
  public long delete(long key) {
    return Errno.EOPNOTSUPP;
  }

  @Override
  public Iterable<byte[]> keys() {
    return noKeys();
  }

  @Override
  public boolean containsValue(long address, long size) {
    return false;
  }
}
