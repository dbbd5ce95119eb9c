package org.xdp4j.bpf.map;

import org.xdp4j.bpf.memory.OutOfRegionException;
import org.xdp4j.bpf.memory.Region;

/**
 * Makes maps: {@code bpf(BPF_MAP_CREATE)}, with what libbpf does to a definition just before it.
 */
public final class MapFactory {
  private static final int MOST_CPUS = 1 << 12;

  private MapFactory() {}

  /**
   * Makes the map that {@code definition} defines.
   *
   * @param cpus values a key has in a per-CPU map, at least 1
   * @throws MapException when Linux would refuse the definition, when the type is not supported, or
   *     when the region has no room; nothing is left allocated
   */
  public static BpfMap create(MapSpec definition, Region region, int cpus) throws MapException {
    return create(definition, region, cpus, MapBudget.unlimited());
  }

  /** The same, with what maps may take together. */
  public static BpfMap create(MapSpec definition, Region region, int cpus, MapBudget budget)
      throws MapException {
    if (cpus < 1 || cpus > MOST_CPUS) {
      throw new IllegalArgumentException("cpus " + cpus + " is not within 1.." + MOST_CPUS);
    }
    MapSpec asked = asLibbpfWould(definition, cpus);
    check(asked);
    MapSpec spec = withEqualShares(asked, cpus);
    MapMemory owned = new MapMemory(region, budget);
    try {
      BpfMap map = make(spec, owned, cpus);
      if (spec.fields().stream().anyMatch(field -> field.kind().ownsObjects())) {
        region.objects().chargeTo(budget);
      }
      if (spec.frozen()) {
        map.freeze();
      }
      return map;
    } catch (OutOfRegionException | OverBudgetException | ArithmeticException e) {
      owned.freeAll();
      throw new MapException("map '" + spec.name() + "' does not fit: " + e.getMessage(), e);
    } catch (OutOfMemoryError e) {
      owned.freeAll();
      throw new MapException(
          "map '" + spec.name() + "' does not fit: its index needs more Java heap", e);
    } catch (RuntimeException | Error e) {
      owned.freeAll();
      throw e;
    }
  }

  /**
   * A perf event array that leaves its size open gets a buffer a CPU; a ring buffer's size becomes
   * the next power of two that is whole pages.
   */
  public static MapSpec asLibbpfWould(MapSpec spec, int cpus) {
    if (spec.type() == MapType.PERF_EVENT_ARRAY && spec.maxEntries() == 0) {
      return spec.withMaxEntries(cpus);
    }
    boolean ring =
        (spec.type() == MapType.RINGBUF || spec.type() == MapType.USER_RINGBUF)
            && spec.maxEntries() > 0;
    return ring ? spec.withMaxEntries(RingBufferMap.adjust(spec.maxEntries())) : spec;
  }

  private static void checkFields(MapSpec spec, MapType type) throws MapException {
    for (SpecialField field : spec.fields()) {
      String has = "has " + field.kind().text() + " in its values, which ";
      if (!field.kind().mapTypes().contains(type)) {
        throw MapException.of(spec, has + type + " does not take");
      }
      if ((spec.flags() & (MapSpec.F_RDONLY_PROG | MapSpec.F_WRONLY_PROG)) != 0) {
        throw MapException.of(spec, has + "programs must be free to read and write");
      }
    }
  }

  /**
   * Checks a definition as Linux's {@code map_alloc_check} functions do, allocating nothing.
   *
   * @throws MapException when it would be refused
   */
  public static void check(MapSpec definition) throws MapException {
    if (definition.problem() != null) {
      throw MapException.of(definition, "cannot be made: " + definition.problem());
    }
    MapSpec spec = asLibbpfWould(definition, 1);
    MapType type = spec.type();
    if (type == null) {
      throw MapException.of(
          spec, Errno.EINVAL, "has the unknown type " + Integer.toUnsignedString(spec.typeId()));
    }
    new SpecCheck(spec).userAccess().node();
    if (spec.extra() != 0 && type != MapType.BLOOM_FILTER && type != MapType.ARENA) {
      throw MapException.of(
          spec,
          Errno.EINVAL,
          "has map_extra 0x%x, which %s does not take".formatted(spec.extra(), type));
    }
    checkFields(spec, type);
    switch (type) {
      case ARRAY -> ArrayMap.check(spec);
      case PERCPU_ARRAY -> PerCpuArrayMap.check(spec);
      case HASH -> HashTableMap.check(spec);
      case PERCPU_HASH -> PerCpuHashMap.check(spec);
      case LRU_HASH -> LruHashMap.check(spec);
      case LRU_PERCPU_HASH -> LruPerCpuHashMap.check(spec);
      case LPM_TRIE -> LpmTrieMap.check(spec);
      case RINGBUF, USER_RINGBUF -> RingMap.check(spec);
      case QUEUE, STACK -> QueueMap.check(spec);
      case BLOOM_FILTER -> BloomFilterMap.check(spec);
      case CPUMAP -> CpuMap.check(spec);
      case XSKMAP -> XskMap.check(spec);
      case SOCKMAP, SOCKHASH -> SocketMap.check(spec);
      case ARRAY_OF_MAPS -> ArrayOfMaps.check(spec);
      case HASH_OF_MAPS -> HashOfMaps.check(spec);
      case PROG_ARRAY -> ProgramArrayMap.check(spec);
      case PERF_EVENT_ARRAY -> PerfEventArrayMap.check(spec);
      case DEVMAP, DEVMAP_HASH -> DeviceMapSupport.check(spec);
      case ARENA -> ArenaMap.check(spec);
      default -> throw MapException.of(spec, "has the type " + type + ", which " + refusal(type));
    }
  }

  /**
   * Why no map of this type can be made, as the end of a sentence; empty for a type that is there.
   */
  public static String refusal(MapType type) {
    return switch (type) {
      case STACK_TRACE -> "keeps call stacks of a kernel, and no kernel is here";
      case CGROUP_ARRAY, CGROUP_STORAGE, PERCPU_CGROUP_STORAGE, CGRP_STORAGE ->
          "belongs to cgroups, which only a kernel has";
      case REUSEPORT_SOCKARRAY, SK_STORAGE ->
          "belongs to a kernel's sockets, and no kernel is here";
      case STRUCT_OPS -> "replaces functions of a kernel, and no kernel is here";
      case INODE_STORAGE -> "belongs to a kernel's files, and no kernel is here";
      case TASK_STORAGE -> "belongs to a kernel's tasks, and no kernel is here";
      default -> "";
    };
  }

  /**
   * An LRU hash whose CPUs share no elements has as many for each: {@code max_entries} rounded up,
   * or down where that is too many.
   */
  private static MapSpec withEqualShares(MapSpec spec, int cpus) {
    boolean lru = spec.type() == MapType.LRU_HASH || spec.type() == MapType.LRU_PERCPU_HASH;
    if (!lru || (spec.flags() & MapSpec.F_NO_COMMON_LRU) == 0) {
      return spec;
    }
    int up = Math.ceilDiv(spec.maxEntries(), cpus) * cpus;
    return spec.withMaxEntries(up > SpecCheck.MAX_ENTRIES ? up - cpus : up);
  }

  private static BpfMap make(MapSpec spec, MapMemory owned, int cpus) {
    return switch (spec.type()) {
      case ARRAY -> new ArrayMap(spec, owned);
      case PERCPU_ARRAY -> new PerCpuArrayMap(spec, owned, cpus);
      case HASH -> new HashTableMap(spec, owned, cpus);
      case PERCPU_HASH -> new PerCpuHashMap(spec, owned, cpus);
      case LRU_HASH -> new LruHashMap(spec, owned, cpus);
      case LRU_PERCPU_HASH -> new LruPerCpuHashMap(spec, owned, cpus);
      case LPM_TRIE -> new LpmTrieMap(spec, owned, cpus);
      case RINGBUF -> new RingBufferMap(spec, owned);
      case USER_RINGBUF -> new UserRingBufferMap(spec, owned);
      case QUEUE, STACK -> new QueueMap(spec, owned);
      case BLOOM_FILTER -> new BloomFilterMap(spec, owned);
      case CPUMAP -> new CpuMap(spec, owned);
      case XSKMAP -> new XskMap(spec, owned);
      case SOCKMAP, SOCKHASH -> new SocketMap(spec, owned);
      case ARRAY_OF_MAPS -> new ArrayOfMaps(spec, owned);
      case HASH_OF_MAPS -> new HashOfMaps(spec, owned, cpus);
      case PROG_ARRAY -> new ProgramArrayMap(spec, owned);
      case PERF_EVENT_ARRAY -> new PerfEventArrayMap(spec, owned);
      case DEVMAP -> new DevMap(spec, owned);
      case DEVMAP_HASH -> new DevHashMap(spec, owned, cpus);
      case ARENA -> new ArenaMap(spec, owned);
      default -> throw new IllegalStateException("unchecked type " + spec.type());
    };
  }
}
