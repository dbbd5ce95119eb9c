package org.xdp4j.bpf.map;

/**
 * A map of values without keys, which programs push and ask for by helpers of their own, and at
 * which no program points. User space's keys are empty: {@link #put} pushes.
 */
abstract class KeylessMap extends BpfMap {
  KeylessMap(MapSpec spec, MapMemory owned) {
    super(spec, owned);
  }

  /** {@code bpf_map_push_elem}: 0 or a negative errno. */
  public abstract long push(long value, long flags);

  /** {@code bpf_map_peek_elem}: 0 or a negative errno. */
  public abstract long peek(long value);

  @Override
  public final long lookup(long key, int cpu) {
    return 0;
  }

  /** What user space's {@code bpf_map_update_elem} does: pushes. */
  @Override
  public final long update(long key, long value, long flags, int cpu) {
    return push(value, flags);
  }

  @Override
  public final Iterable<byte[]> keys() {
    return noKeys();
  }

  @Override
  public final boolean containsValue(long address, long size) {
    return false;
  }
}
