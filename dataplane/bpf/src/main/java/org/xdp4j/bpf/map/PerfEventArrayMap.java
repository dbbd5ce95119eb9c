package org.xdp4j.bpf.map;

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
    new SpecCheck(spec).flags(flags).keySize(4).valueSize(4).entries();
  }

  @Override
  public long lookup(long key, int cpu) {
    return 0;
  }

  @Override
  public long update(long key, long value, long flags, int cpu) {
    return Errno.EOPNOTSUPP;
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
