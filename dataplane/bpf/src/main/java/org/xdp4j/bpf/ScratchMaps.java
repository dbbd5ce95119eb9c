package org.xdp4j.bpf;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.context.Trial;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.memory.Region;

/**
 * What stands for the maps of a program on trial. Look-ups go to the maps themselves, and what they
 * find is copied the first time and used as a copy from then on; whatever would change a map
 * changes a smaller map of the same kind instead. So a program on trial sees what is in its maps
 * and what it put there itself, and nobody else sees anything of it.
 *
 * <p>One thread's. Gives all its memory back when it is closed.
 */
final class ScratchMaps implements Trial, AutoCloseable {
  /** Entries of a map that stands for a larger one. */
  private static final int ENTRIES = 1024;

  private static final int BLOCK = 64 << 10;
  private static final int SLOTS = 1 << 14;

  /** Copies from which on they are forgotten once no frame is under way. */
  private static final int MANY = SLOTS / 4;

  /** Rests from one forgetting of keys to the next. */
  private static final int RESTS = 16;

  /** Bytes of the longest key that comes as numbers. */
  private static final int KEY = 24;

  /** Bytes of a ring buffer that stands for a larger one. */
  private static final int RING = 64 << 10;

  private record Block(long address, long size) {}

  private final Region region;
  private final int cpus;
  private final Map<Long, BpfMap> twins = new HashMap<>();
  private final List<Block> blocks = new ArrayList<>();
  private final long[] originals = new long[SLOTS];
  private final long[] copies = new long[SLOTS];

  /** Where a key is put that comes as numbers. */
  private final long key;

  private int copied;
  private int rests;
  private long free;
  private long end;

  ScratchMaps(Region region, int cpus) {
    this.region = region;
    this.cpus = cpus;
    key = region.allocate(KEY, Long.BYTES);
  }

  @Override
  public long value(long address, int size) {
    if (address == 0) {
      return 0;
    }
    if (address >= Region.FIRST_HANDLE) {
      return map(address);
    }
    int slot = (int) (address >>> 3) * 0x9E3779B1 >>> 32 - Integer.numberOfTrailingZeros(SLOTS);
    while (originals[slot] != address) {
      if (originals[slot] == 0) {
        return copy(address, size, slot);
      }
      slot = slot + 1 & SLOTS - 1;
    }
    return copies[slot];
  }

  private long copy(long address, int size, int slot) {
    if (copied == SLOTS - 1) {
      throw new IllegalStateException("a trial looked up more than " + copied + " values at once");
    }
    long to = allocate(size + 7 & -8);
    region.segment().asSlice(to, size).copyFrom(region.segment().asSlice(address, size));
    originals[slot] = address;
    copies[slot] = to;
    copied++;
    return to;
  }

  private long allocate(int size) {
    if (end - free < size) {
      long bytes = Math.max(BLOCK, size);
      free = region.allocate(bytes, 64);
      end = free + bytes;
      blocks.add(new Block(free, bytes));
    }
    long address = free;
    free += size;
    return address;
  }

  @Override
  public long found(long address, int size, long map, int cpu, long... words) {
    if (address != 0) {
      return value(address, size);
    }
    for (int i = 0; i < words.length; i++) {
      region.segment().set(Region.LONG, key + (long) i * Long.BYTES, words[i]);
    }
    return BpfMap.at(region, map(map)).lookup(key, cpu);
  }

  @Override
  public long map(long handle) {
    BpfMap twin = twins.get(handle);
    if (twin == null) {
      twin = make(BpfMap.at(region, handle));
      twins.put(handle, twin);
      twins.put(twin.address(), twin);
    }
    return twin.address();
  }

  private BpfMap make(BpfMap map) {
    MapSpec spec = map.spec();
    boolean ring = spec.type() == MapType.RINGBUF || spec.type() == MapType.USER_RINGBUF;
    int entries = Math.min(spec.maxEntries(), ring ? RING : ENTRIES);
    try {
      return MapFactory.create(spec.withMaxEntries(entries), region, cpus);
    } catch (MapException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /**
   * Between frames: forgets copies when they are many, and now and then all keys that frames put
   * into hashes, so that new keys go on coming while the JVM looks at what the program does.
   */
  void rest() {
    if (++rests % RESTS == 0) {
      twins.values().stream()
          .distinct()
          .filter(twin -> twin.hashLayout() != null)
          .forEach(twin -> twin.keys().forEach(twin::remove));
    }
    if (copied > MANY) {
      release();
    }
  }

  private void release() {
    Arrays.fill(originals, 0);
    copied = 0;
    free = 0;
    end = 0;
    blocks.forEach(block -> region.free(block.address(), block.size()));
    blocks.clear();
  }

  @Override
  public void close() {
    release();
    twins.values().stream().distinct().forEach(BpfMap::free);
    twins.clear();
    region.free(key, KEY);
  }
}
