package org.xdp4j.bpf.map;

import java.util.List;
import org.xdp4j.bpf.memory.Region;

/**
 * {@code BPF_MAP_TYPE_PERF_EVENT_ARRAY}: the buffers of {@code bpf_perf_event_output}. Until a
 * reader opens buffers of its own, the event sink of the context that runs is all there is; the map
 * is then only the name it goes by and the bound of the index.
 */
public final class PerfEventArrayMap extends BpfMap {
  /** By CPU; null while nobody reads them. */
  private volatile List<PerfRing> rings;

  PerfEventArrayMap(MapSpec spec, MapMemory owned) {
    super(spec, owned);
  }

  static void check(MapSpec spec) throws MapException {
    int preserveElements = 1 << 11;
    int flags = MapSpec.F_NUMA_NODE | MapSpec.F_RDONLY | MapSpec.F_WRONLY | preserveElements;
    new SpecCheck(spec).flags(flags).keySize(4).valueSize(4).entries().done();
  }

  /**
   * Programs write into these buffers from now on, one a CPU.
   *
   * @throws IllegalStateException when another reader has opened some
   */
  public synchronized void open(List<PerfRing> buffers) {
    if (rings != null) {
      throw new IllegalStateException("another one reads the events of map " + name());
    }
    rings = List.copyOf(buffers);
  }

  /** Takes these buffers out; does nothing when they are not in. */
  public synchronized void close(List<PerfRing> buffers) {
    if (buffers.equals(rings)) {
      rings = null;
    }
  }

  /** How many buffers a reader has open. */
  int buffers() {
    List<PerfRing> now = rings;
    return now == null ? 0 : now.size();
  }

  /** Whether a reader has opened buffers. */
  public boolean hasReader() {
    return rings != null;
  }

  /**
   * Writes a record into a buffer, of the CPU that runs.
   *
   * @return 0; -ENOENT when there is no such buffer; -EOPNOTSUPP when it is another CPU's; -ENOSPC
   *     when there is no room
   */
  public int write(long index, int cpu, byte[] record) {
    List<PerfRing> now = rings;
    if (now == null || index >= now.size()) {
      return Errno.ENOENT;
    }
    if (index != cpu) {
      return Errno.EOPNOTSUPP;
    }
    return now.get(cpu).write(record) ? 0 : Errno.ENOSPC;
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
