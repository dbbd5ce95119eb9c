package org.xdp4j.bpf;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapBudget;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.memory.Region;

/**
 * Maps that objects share by name, as they do through a BPF file system: the first object that
 * wants a map pinned makes it, and those that come later get the same one, if what they say of it
 * is what it is. A pinned map lives until it is unpinned, whoever uses it. Any thread may call it.
 */
public final class PinnedMaps implements AutoCloseable {
  private final Map<String, BpfMap> maps = new HashMap<>();

  /**
   * A pinned map.
   *
   * @param made whether it is new
   */
  record Pin(BpfMap map, boolean made) {}

  /** The map pinned under this name. */
  public synchronized Optional<BpfMap> find(String name) {
    return Optional.ofNullable(maps.get(name));
  }

  /** The names there are. */
  public synchronized Set<String> names() {
    return new TreeSet<>(maps.keySet());
  }

  /**
   * Pins {@code map}, which lives on until it is unpinned.
   *
   * @return false when there is one of this name already
   */
  public synchronized boolean pin(String name, BpfMap map) {
    return maps.putIfAbsent(name, map) == null && map.hold() == map;
  }

  /** Takes a pin away: false when there is none of this name. */
  public synchronized boolean unpin(String name) {
    BpfMap map = maps.remove(name);
    if (map != null) {
      map.release();
    }
    return map != null;
  }

  /** Takes a pin away when it is one of {@code map}. */
  synchronized void unpin(String name, BpfMap map) {
    if (maps.remove(name, map)) {
      map.release();
    }
  }

  /**
   * The pinned map that an object means, to be released by the caller.
   *
   * @param name the name it is pinned under
   * @throws MapException when it cannot be made, or is another than the object says
   */
  synchronized Pin findOrMake(
      String name, MapSpec defined, Region region, int cpus, MapBudget budget) throws MapException {
    MapSpec spec = MapFactory.asLibbpfWould(defined, cpus);
    BpfMap known = maps.get(name);
    if (known == null) {
      BpfMap made = MapFactory.create(spec, region, cpus, budget);
      maps.put(name, made.hold());
      return new Pin(made, true);
    }
    List<String> differences = differences(spec, known.spec());
    if (!differences.isEmpty()) {
      throw new MapException(
          "map '%s' is not the one pinned under this name: %s"
              .formatted(spec.name(), String.join(", ", differences)));
    }
    return new Pin(known.hold(), false);
  }

  /** What libbpf compares before it takes a pinned map (bpf_map_is_reuse_compat). */
  private static List<String> differences(MapSpec own, MapSpec pinned) {
    List<String> found = new ArrayList<>();
    compare(found, "type", own.typeId(), pinned.typeId());
    compare(found, "key_size", own.keySize(), pinned.keySize());
    compare(found, "value_size", own.valueSize(), pinned.valueSize());
    compare(found, "max_entries", own.maxEntries(), pinned.maxEntries());
    compare(found, "map_flags", own.flags(), pinned.flags());
    compare(found, "map_extra", own.extra(), pinned.extra());
    if (!own.fields().equals(pinned.fields())) {
      found.add("other special fields in its values");
    }
    return found;
  }

  private static void compare(List<String> found, String what, long own, long pinned) {
    if (own != pinned) {
      found.add("%s %d here, %d there".formatted(what, own, pinned));
    }
  }

  /** Takes all pins away. */
  @Override
  public synchronized void close() {
    Set.copyOf(maps.keySet()).forEach(this::unpin);
  }
}
