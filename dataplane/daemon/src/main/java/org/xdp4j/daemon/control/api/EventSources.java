package org.xdp4j.daemon.control.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.daemon.control.http.Problem;
import org.xdp4j.daemon.control.view.Dataplane;
import org.xdp4j.daemon.control.view.Figures;
import org.xdp4j.daemon.control.view.MapHandle;

/** What events come of, as a client wants them: a mistyped name would be waited for forever. */
record EventSources(Set<String> kinds, Set<String> names) {
  private static final List<String> KINDS =
      List.of("ringbuf", "perf", "printk", "link", "applied", "worker-failed");

  private static final Set<MapType> TELLING = Set.of(MapType.RINGBUF, MapType.PERF_EVENT_ARRAY);

  /**
   * Takes both as they are asked for; empty for all.
   *
   * @throws Problem when there is no such kind, or nothing of that name that could have an event
   */
  static EventSources of(List<String> kinds, List<String> names, Dataplane dataplane)
      throws Problem {
    for (String kind : kinds) {
      if (!KINDS.contains(kind)) {
        throw Problem.bad(
            "the parameter event is one of " + String.join(", ", KINDS) + ", not " + kind);
      }
    }
    if (!names.isEmpty()) {
      checkNames(names, dataplane);
    }
    return new EventSources(Set.copyOf(kinds), Set.copyOf(names));
  }

  private static void checkNames(List<String> names, Dataplane dataplane) throws Problem {
    List<MapHandle> maps = dataplane.maps();
    Set<String> known = new TreeSet<>();
    dataplane.figures().ports().stream().map(Figures.Port::port).forEach(known::add);
    maps.stream().filter(EventSources::tells).map(MapHandle::name).forEach(known::add);
    for (String name : names) {
      if (known.contains(name)) {
        continue;
      }
      List<String> of = new ArrayList<>(known);
      String others = of.isEmpty() ? "" : "; there are events of " + String.join(", ", of);
      boolean isMap = maps.stream().anyMatch(map -> map.name().equals(name));
      throw Problem.missing(
          isMap
              ? "map '" + name + "' is no ring buffer and has no perf events" + others
              : "there is no map or port '" + name + "'" + others);
    }
  }

  private static boolean tells(MapHandle map) {
    return TELLING.contains(map.spec().type());
  }

  /** Whether an event is one of those. */
  boolean fit(Dataplane.Event event) {
    return (kinds.isEmpty() || kinds.contains(event.event()))
        && (names.isEmpty() || event.source() != null && names.contains(event.source()));
  }
}
