package org.xdp4j.bpf.map;

import static org.xdp4j.bpf.map.Errno.EEXIST;
import static org.xdp4j.bpf.map.Errno.EINVAL;
import static org.xdp4j.bpf.map.Errno.ENOENT;
import static org.xdp4j.bpf.map.Errno.ENOMEM;
import static org.xdp4j.bpf.map.Errno.ENOSPC;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.memory.OutOfRegionException;
import org.xdp4j.bpf.memory.Region;

/**
 * {@code BPF_MAP_TYPE_LPM_TRIE} (kernel/bpf/lpm_trie.c): values by prefix, found by longest match.
 *
 * <pre>
 *  a key:       | prefix length in bits : 32 | data, most significant byte first |
 *  an element:  | key | pad to 8 | value | pad to 8 |
 * </pre>
 *
 * Lookups by programs take no lock; updates lock the map. An update of a prefix that is there makes
 * a new element, as in Linux; some are set aside for that, up to 64 a CPU or 64 KiB.
 *
 * <p>Memory: element x prefixes (in blocks of up to 256) in the region, and the Java heap that the
 * index takes, as it is: some 20 to 350 bytes a prefix. Maps of IPv4 addresses for 256 prefixes or
 * more are read through an {@link LpmTable}, which takes 576 KiB of heap besides, and up to 4.1 MiB
 * more as it is filled. Those are given up again when there is no other room for prefixes of the
 * same map; other maps do not get them. Maps of other keys of up to 16 bytes are read through
 * {@link LpmPaths}.
 *
 * <p>The trie remains what a map is: it knows every prefix, in Linux's order, also those that no
 * key of full length meets because longer ones cover them, which a look-up by a shorter key finds
 * and the removal of a longer one uncovers.
 */
public final class LpmTrieMap extends BpfMap {
  private static final int LENGTH_FIELD = 4;
  private static final int DATA_MAX = 256;

  /** KMALLOC_MAX_SIZE less the longest key and struct lpm_trie_node. */
  private static final int VALUE_MAX = (4 << 20) - (LENGTH_FIELD + DATA_MAX) - 24;

  private static final long MOST_WAIT_NANOS = 100_000_000;

  /** Maps for fewer prefixes do without a table. */
  private static final int TABLE_FROM = 256;

  private final LpmTrie trie;
  private final GrowingPool pool;
  private final HeapAccount heap;

  /** What it is read through when keys are IPv4 addresses and may be many; else null. */
  private final LpmTable table;

  /** What it is read through when keys are up to 16 bytes and there is no table; else null. */
  private final LpmPaths paths;

  private final long valueOffset;
  private final int dataSize;
  private int count;

  LpmTrieMap(MapSpec spec, MapMemory owned, int cpus) {
    this(spec, owned, cpus, LpmTable.FLATS);
  }

  /**
   * @param flats see {@link LpmTable}
   */
  LpmTrieMap(MapSpec spec, MapMemory owned, int cpus, int flats) {
    super(spec, owned);
    dataSize = keySize - LENGTH_FIELD;
    valueOffset = Words.roundUp8(keySize);
    boolean leaves = LpmTable.isFor(memory);
    boolean tabled = leaves && dataSize == 4 && maxEntries >= TABLE_FROM;
    boolean pathed = leaves && dataSize <= LpmPrefix.BYTES && !tabled;
    heap = new HeapAccount(owned);
    pool = new GrowingPool(owned, valueOffset + Words.roundUp8(valueSize), limit(), cpus);
    trie = new LpmTrie(memory, heap);
    owned.heap(tabled ? LpmTable.HEAP : 0);
    table = tabled ? new LpmTable(memory, valueOffset, trie, owned, heap, flats) : null;
    paths = pathed ? new LpmPaths(memory, valueOffset, dataSize, trie, heap) : null;
  }

  static void check(MapSpec spec) throws MapException {
    int flags = MapSpec.F_NO_PREALLOC | MapSpec.F_NUMA_NODE | MapSpec.ACCESS_FLAGS;
    new SpecCheck(spec).flags(flags).entries();
    if ((spec.flags() & MapSpec.F_NO_PREALLOC) == 0) {
      throw MapException.of(spec, Errno.EINVAL, "is an LPM_TRIE without BPF_F_NO_PREALLOC");
    }
    if (spec.keySize() <= LENGTH_FIELD || spec.keySize() > LENGTH_FIELD + DATA_MAX) {
      throw MapException.of(
          spec,
          Errno.EINVAL,
          "has keys of " + spec.keySize() + " bytes, but LPM_TRIE takes keys of 5 to 260");
    }
    if (spec.valueSize() <= 0 || spec.valueSize() > VALUE_MAX) {
      throw MapException.of(
          spec,
          Errno.EINVAL,
          "has values of %s bytes, but LPM_TRIE takes values of 1 to %d"
              .formatted(Integer.toUnsignedString(spec.valueSize()), VALUE_MAX));
    }
  }

  @Override
  public long lookup(long key, int cpu) {
    if (table != null) {
      return table.reader.find(memory.get(Region.LONG, key));
    }
    int bits = memory.get(Region.INT, key);
    if (paths != null) {
      long data = key + LENGTH_FIELD;
      long high = paths.number(data, dataSize);
      long low = paths.number(data + Long.BYTES, dataSize - Long.BYTES);
      return paths.reader.find(bits, high, low);
    }
    if (Integer.compareUnsigned(bits, 8 * dataSize) > 0) {
      return 0;
    }
    return trie.find(key + LENGTH_FIELD, bits);
  }

  /**
   * With the lock: freed elements are used again, and user space, unlike a program, may be held up
   * for as long as that takes.
   */
  @Override
  byte[] read(long key) {
    synchronized (trie) {
      return super.read(key);
    }
  }

  /**
   * How a compiled program finds an IPv4 address by itself; null where it has to ask {@link
   * #lookup}.
   */
  public LpmReader reader() {
    return table == null ? null : table.reader;
  }

  /** The same of another key of up to 16 bytes. */
  public LpmPathReader pathReader() {
    return paths == null ? null : paths.reader;
  }

  @Override
  public long update(long key, long value, long flags, int cpu) {
    int bits = memory.get(Region.INT, key);
    if (Long.compareUnsigned(flags, EXIST) > 0 || Integer.compareUnsigned(bits, 8 * dataSize) > 0) {
      return EINVAL;
    }
    byte[] data = bytes(key + LENGTH_FIELD, dataSize);
    synchronized (trie) {
      long old = trie.exact(data, bits);
      int bad = refusal(old != 0, flags);
      if (bad != 0) {
        return bad;
      }
      try {
        put(data, bits, old, value);
        return 0;
      } catch (OutOfRegionException | OverBudgetException full) {
        return ENOMEM;
      }
    }
  }

  /**
   * User space, unlike a program, may be held up: where no memory is left it waits once for what
   * was freed. A run is over long before.
   */
  @Override
  int write(long key, byte[] value, long flags) {
    int result = super.write(key, value, flags);
    if (result != ENOMEM) {
      return result;
    }
    long token;
    synchronized (trie) {
      token = pool.firstToken();
    }
    boolean freed = token != 0 && region.rcu().await(token, MOST_WAIT_NANOS);
    return freed ? super.write(key, value, flags) : result;
  }

  private int refusal(boolean there, long flags) {
    if (there) {
      return flags == NOEXIST ? EEXIST : 0;
    }
    if (flags == EXIST) {
      return ENOENT;
    }
    return count == limit() ? ENOSPC : 0;
  }

  /** {@code max_entries}, which no memory is set aside for and may be any number. */
  private int limit() {
    return maxEntries < 0 ? Integer.MAX_VALUE : maxEntries;
  }

  private void put(byte[] data, int bits, long old, long value) {
    long element = take(old != 0);
    memory.set(Region.INT, element, bits);
    MemorySegment.copy(data, 0, memory, Region.BYTE, element + LENGTH_FIELD, dataSize);
    Words.copy(memory, value, element + valueOffset, valueSize);
    trie.put(data, bits, element + valueOffset);
    if (table != null) {
      table.put(prefix(data, bits), bits, element + valueOffset, old == 0);
    } else if (paths != null) {
      paths.put(data, bits, element + valueOffset, old == 0);
    }
    if (old == 0) {
      count++;
    } else {
      pool.give(old - valueOffset);
    }
  }

  /** An element, and the assurance that the index may take what it needs for it. */
  private long take(boolean replaces) {
    try {
      return tryTake(replaces);
    } catch (OverBudgetException full) {
      if (table == null || !table.pack()) {
        throw full;
      }
      return tryTake(replaces);
    }
  }

  private long tryTake(boolean replaces) {
    if (table != null) {
      table.reserve(replaces);
    } else {
      heap.reserve(replaces, 0);
    }
    return pool.take(replaces);
  }

  /** Bytes of Java heap that its index takes. */
  long heapHeld() {
    return heap.held() + (table == null ? 0 : LpmTable.HEAP + table.spared());
  }

  @Override
  public long delete(long key) {
    int bits = memory.get(Region.INT, key);
    if (Integer.compareUnsigned(bits, 8 * dataSize) > 0) {
      return EINVAL;
    }
    byte[] data = bytes(key + LENGTH_FIELD, dataSize);
    synchronized (trie) {
      long old = trie.exact(data, bits);
      if (old == 0) {
        return ENOENT;
      }
      trie.remove(data, bits);
      long shorter = trie.find(data, bits);
      if (table != null) {
        table.remove(prefix(data, bits), bits, old, shorter);
      } else if (paths != null) {
        paths.remove(data, bits, shorter);
      }
      pool.give(old - valueOffset);
      count--;
      return 0;
    }
  }

  @Override
  boolean hasBatches() {
    return true;
  }

  @Override
  byte[] nextKey(long key) {
    int bits = key == 0 ? -1 : memory.get(Region.INT, key);
    boolean known = Integer.compareUnsigned(bits, 8 * dataSize) <= 0;
    byte[] data = known ? bytes(key + LENGTH_FIELD, dataSize) : null;
    synchronized (trie) {
      known = known && trie.exact(data, bits) != 0;
      long value = known ? trie.after(data, bits) : trie.first();
      return value == 0 ? null : bytes(value - valueOffset, keySize);
    }
  }

  /** The bits of a prefix of an IPv4 address, those behind it 0. */
  private static int prefix(byte[] data, int bits) {
    int all = 0;
    for (byte part : data) {
      all = all << 8 | part & 0xFF;
    }
    return bits == 0 ? 0 : all & -1 << 32 - bits;
  }

  /** In Linux's order: by data, and a prefix after all those it contains. */
  @Override
  public Iterable<byte[]> keys() {
    List<byte[]> keys = new ArrayList<>();
    synchronized (trie) {
      trie.forEach(value -> keys.add(bytes(value - valueOffset, keySize)));
    }
    keys.sort(LpmTrieMap::compare);
    return keys;
  }

  private static int compare(byte[] a, byte[] b) {
    int aBits = length(a);
    int bBits = length(b);
    for (int bit = 0; bit < Math.min(aBits, bBits); bit++) {
      int difference = bit(a, bit) - bit(b, bit);
      if (difference != 0) {
        return difference;
      }
    }
    return bBits - aBits;
  }

  /** A key with the bits behind its prefix zero, so that each prefix has one key. */
  static byte[] canonical(byte[] key) {
    byte[] plain = key.clone();
    for (int bit = length(key); bit < 8 * (key.length - LENGTH_FIELD); bit++) {
      plain[LENGTH_FIELD + bit / 8] &= (byte) ~(0x80 >>> bit % 8);
    }
    return plain;
  }

  private static int length(byte[] key) {
    return key[0] & 0xFF | (key[1] & 0xFF) << 8;
  }

  private static int bit(byte[] key, int bit) {
    return key[LENGTH_FIELD + bit / 8] >>> 7 - bit % 8 & 1;
  }

  @Override
  public boolean containsValue(long address, long size) {
    synchronized (trie) {
      return pool.contains(address, size, valueOffset, valueSize);
    }
  }
}
