package org.xdp4j.bpf;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapProgram;
import org.xdp4j.bpf.map.ProgramArrayMap;

/**
 * What would be freed if some objects were closed: follows what each thing holds, as closing them
 * does, and touches nothing. What others change meanwhile may or may not be counted.
 */
final class Departure {
  private final Map<BpfMap, Integer> dropped = new IdentityHashMap<>();
  private final Map<BpfMap, Integer> released = new IdentityHashMap<>();
  private final Map<MapProgram, Integer> let = new IdentityHashMap<>();
  private final Queue<Runnable> next = new ArrayDeque<>();
  private long bytes;

  /** An entry of each would be another's. */
  void replace(Collection<MapProgram> programs) {
    programs.forEach(this::release);
    follow();
  }

  /** An object with these would be closed. */
  void close(Collection<XdpProgram> programs, Collection<BpfMap> maps) {
    programs.forEach(program -> release(program.holding()));
    maps.stream().filter(Objects::nonNull).forEach(this::release);
    follow();
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
    if (released.merge(map, 1, Integer::sum) == map.users() && map instanceof ProgramArrayMap) {
      next.add(() -> map.programs().forEach(this::release));
    }
    drop(map);
  }

  private void drop(BpfMap map) {
    if (dropped.merge(map, 1, Integer::sum) == map.holders()) {
      next.add(() -> free(map));
    }
  }

  private void free(BpfMap map) {
    bytes += map.taken();
    if (!(map instanceof ProgramArrayMap)) { // which was emptied when its last user went
      map.programs().forEach(this::release);
    }
    map.innerMaps().forEach(this::drop);
  }

  private void release(MapProgram program) {
    if (program instanceof XdpProgram.Holding holding
        && let.merge(holding, 1, Integer::sum) == holding.holders()
        && holding.version().holders() == 1) {
      next.add(() -> holding.version().used().forEach(this::drop));
    }
  }
}
