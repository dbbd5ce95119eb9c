package org.xdp4j.bpf;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import org.xdp4j.bpf.context.Counted;
import org.xdp4j.bpf.context.Lifetime;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapProgram;

/**
 * What would be freed if some objects were closed: follows what each thing holds, as closing them
 * does, and touches nothing. What others change meanwhile may or may not be counted.
 */
final class Departure {
  private final Map<BpfMap, Integer> dropped = new IdentityHashMap<>();
  private final Map<BpfMap, Integer> released = new IdentityHashMap<>();
  private final Map<Lifetime, Integer> let = new IdentityHashMap<>();

  /** Maps whose last user would be gone. */
  private final Set<BpfMap> left = Collections.newSetFromMap(new IdentityHashMap<>());

  /** Of programs that would run without an extension, the maps that they would use then. */
  private final Map<XdpProgram.Holding, List<BpfMap>> relinked = new IdentityHashMap<>();

  private final Queue<Runnable> next = new ArrayDeque<>();
  private long bytes;

  /** An entry of each would be another's. */
  void replace(Collection<MapProgram> programs, Collection<BpfMap> inner) {
    programs.forEach(this::release);
    inner.forEach(this::drop);
    follow();
  }

  /** An object with these would be closed. */
  void close(Collection<XdpProgram> programs, Collection<BpfMap> maps) {
    programs.forEach(program -> release(program.holding()));
    maps.stream().filter(Objects::nonNull).forEach(this::release);
    follow();
  }

  /**
   * These would be detached, objects closed: what they extend is made anew without them, unless it
   * is gone by then.
   */
  void detach(Collection<XdpExtension> extensions) {
    Map<XdpProgram, List<XdpExtension>> attached = new IdentityHashMap<>();
    for (XdpExtension each : extensions) {
      if (each.isAttached()) {
        attached.computeIfAbsent(each.target(), target -> new ArrayList<>()).add(each);
      }
    }
    attached.forEach(this::relink);
    follow();
  }

  private void relink(XdpProgram program, List<XdpExtension> without) {
    XdpProgram.Holding holding = program.holding();
    if (let.getOrDefault(holding, 0) < holding.holders()) {
      List<BpfMap> uses = program.usedWithout(without);
      uses.forEach(map -> dropped.merge(map, -1, Integer::sum));
      relinked.put(holding, uses);
      release(holding.version());
    }
  }

  private void follow() {
    while (!next.isEmpty()) {
      next.remove().run();
    }
  }

  /** Bytes of all maps that would be freed. */
  long bytes() {
    return bytes;
  }

  private void release(BpfMap map) {
    if (released.merge(map, 1, Integer::sum) == map.users()) {
      next.add(() -> leave(map));
    }
    drop(map);
  }

  private void leave(BpfMap map) {
    left.add(map);
    map.heldForUsers().forEach(this::release);
  }

  private void drop(BpfMap map) {
    if (dropped.merge(map, 1, Integer::sum) == map.holders()) {
      next.add(() -> free(map));
    }
  }

  private void free(BpfMap map) {
    bytes += map.taken();
    List<MapProgram> stand = new ArrayList<>(map.programs());
    if (left.contains(map)) {
      map.programsForUsers().forEach(stand::remove);
    }
    stand.forEach(this::release);
    map.innerMaps().forEach(this::drop);
  }

  private void release(Lifetime held) {
    if (held instanceof Counted counted
        && let.merge(counted, 1, Integer::sum) == counted.holders()) {
      next.add(() -> end(counted));
    }
  }

  private void end(Counted ended) {
    if (ended instanceof XdpProgram.Holding holding) {
      List<BpfMap> uses = relinked.get(holding);
      if (uses == null) {
        release(holding.version());
      } else {
        uses.forEach(this::drop);
      }
    } else if (ended instanceof ProgramVersion version) {
      version.used().forEach(this::drop);
    }
  }
}
