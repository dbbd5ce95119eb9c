package org.xdp4j.bpf.map;

import org.xdp4j.bpf.memory.Region;

/**
 * A map. Programs reach it by addresses ({@link #lookup}, {@link #update}, {@link #delete}), on any
 * worker thread at once; user space by byte arrays ({@link #get}, {@link #put}, {@link #remove},
 * {@link #keys}). Errors are negative errno values, as a helper returns them.
 */
public abstract class BpfMap {
  // Flags of update and lookup (linux/bpf.h).
  public static final long ANY = 0;
  public static final long NOEXIST = 1;
  public static final long EXIST = 2;
  public static final long F_LOCK = 4;

  private final MapSpec spec;
  private final long address;
  protected final Region region;

  protected BpfMap(MapSpec spec, Region region) {
    this.spec = spec;
    this.region = region;
    this.address = region.allocate(8, 8);
  }

  /** What it was made from. */
  public final MapSpec spec() {
    return spec;
  }

  /** Its name in the object. */
  public final String name() {
    return spec.name();
  }

  /** What a program's register holds when it points at this map: unique in the region, never 0. */
  public final long address() {
    return address;
  }

  /** How many values a key has: 1, or the number of CPUs for a per-CPU map. */
  public int valuesPerKey() {
    return 1;
  }

  /**
   * {@code bpf_map_lookup_elem}.
   *
   * @param key address of the key
   * @return address of the value, of this CPU's for a per-CPU map; 0 when there is none
   */
  public abstract long lookup(long key, int cpu);

  /** {@code bpf_map_update_elem}: 0 or a negative errno. */
  public abstract long update(long key, long value, long flags, int cpu);

  /** {@code bpf_map_delete_elem}: 0 or a negative errno. */
  public abstract long delete(long key);

  /**
   * Reads an entry from user space.
   *
   * @return {@link #valuesPerKey} values one after the other, or null when there is none
   */
  public abstract byte[] get(byte[] key);

  /**
   * Writes an entry from user space.
   *
   * @param value {@link #valuesPerKey} values one after the other, or one value, which every CPU
   *     then gets
   * @return 0 or a negative errno
   */
  public abstract int put(byte[] key, byte[] value, long flags);

  /** Deletes an entry from user space: 0 or a negative errno. */
  public abstract int remove(byte[] key);

  /**
   * The keys there are now, each once; entries that others add or delete meanwhile may or may not
   * be seen.
   */
  public abstract Iterable<byte[]> keys();

  /**
   * Whether {@code [address, address + size)} lies within one value of this map that a program may
   * touch.
   */
  public abstract boolean containsValue(long address, long size);

  /** Gives the memory back; the map must not be used any more. */
  public abstract void free();
}
