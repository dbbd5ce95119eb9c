package org.xdp4j.bpf;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.LongAdder;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.helper.SpinLockHelpers;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapBudget;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapTimers;
import org.xdp4j.bpf.memory.Region;

/**
 * Maps that objects share by name, as they do through a BPF file system: the first object that
 * wants a map pinned makes it, and those that come later get the same one, if what they say of it
 * is what it is. A pinned map lives until it is unpinned, whoever uses it, and its timers ring as
 * long. Any thread may call it.
 */
public final class PinnedMaps implements AutoCloseable {
  private final Map<String, BpfMap> maps = new HashMap<>();
  private final LongAdder faults = new LongAdder();

  /** Of the maps, in the order of their names. */
  private volatile TimerQueue timers = TimerQueue.of(List.of());

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
    if (maps.putIfAbsent(name, map) != null) {
      return false;
    }
    try {
      timers = timers();
      map.hold();
      return true;
    } catch (RuntimeException | Error e) {
      maps.remove(name);
      throw e;
    }
  }

  /** Takes a pin away: false when there is none of this name. */
  public synchronized boolean unpin(String name) {
    BpfMap map = maps.get(name);
    if (map == null) {
      return false;
    }
    unpin(name, map);
    return true;
  }

  /** Takes a pin away when it is one of {@code map}. */
  synchronized void unpin(String name, BpfMap map) {
    if (maps.remove(name, map)) {
      timers = timers();
      map.release();
    }
  }

  private TimerQueue timers() {
    return TimerQueue.of(names().stream().map(maps::get).distinct().toList());
  }

  /**
   * Runs the callbacks of timers of all pinned maps that are due, as {@link LoadedObject#runTimers}
   * does: maps that nothing but a pin keeps have nobody else who would.
   *
   * @return how many ran
   */
  public int runTimers(XdpContext context) {
    TimerQueue due = timers;
    if (!due.isPossible()) {
      return 0;
    }
    boolean entered = context.enterRun(); // A callback looks into maps as a run does.
    try {
      return due.runDue(context, this::count);
    } finally {
      if (entered) {
        context.leaveRun();
      }
    }
  }

  /** When {@link #runTimers} has something to do next; {@link MapTimers#NEVER} for never. */
  public long nextTimer() {
    return timers.nextDue();
  }

  /** Callbacks that {@link #runTimers} ran and that ended in a fault, which is a bug of ours. */
  public long faults() {
    return faults.sum();
  }

  private void count(XdpContext context) {
    faults.increment();
    SpinLockHelpers.releaseAfterFault(context);
  }

  /** The timers of the maps that are pinned now. */
  TimerQueue timersNow() {
    return timers;
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
      return make(name, MapFactory.create(spec, region, cpus, budget));
    }
    List<String> differences = differences(spec, known.spec());
    if (!differences.isEmpty()) {
      throw new MapException(
          "map '%s' is not the one pinned under this name: %s"
              .formatted(spec.name(), String.join(", ", differences)));
    }
    return new Pin(known.hold(), false);
  }

  /** Pins a map that is new, and is the caller's. */
  private Pin make(String name, BpfMap made) {
    try {
      Pin pin = new Pin(made, true);
      if (!pin(name, made)) {
        throw new IllegalStateException("another map is pinned as " + name);
      }
      return pin;
    } catch (RuntimeException | Error e) {
      made.release();
      throw e;
    }
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
