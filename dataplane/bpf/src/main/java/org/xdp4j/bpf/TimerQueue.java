package org.xdp4j.bpf;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapTimers;

/** The timers and the work of several maps, by when they are due. */
final class TimerQueue {
  private final List<MapTimers> timers;

  private TimerQueue(List<MapTimers> timers) {
    this.timers = timers;
  }

  /** The timers and the work of these maps. */
  static TimerQueue of(List<BpfMap> maps) {
    return new TimerQueue(
        maps.stream()
            .flatMap(
                map ->
                    Stream.of(Optional.ofNullable(map.timers()), Optional.ofNullable(map.work())))
            .flatMap(Optional::stream)
            .toList());
  }

  /** Those of both; null for none. */
  static TimerQueue join(TimerQueue one, TimerQueue other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return new TimerQueue(
        Stream.concat(one.timers.stream(), other.timers.stream()).distinct().toList());
  }

  /** Whether any of the maps has timers in its values. */
  boolean isPossible() {
    return !timers.isEmpty();
  }

  private MapTimers first() {
    MapTimers first = null;
    for (MapTimers candidate : timers) {
      if (first == null || candidate.nextDue() < first.nextDue()) {
        first = candidate;
      }
    }
    return first;
  }

  long nextDue() {
    MapTimers first = first();
    return first == null ? MapTimers.NEVER : first.nextDue();
  }

  /**
   * Runs what is due now, of timers that their callbacks start again only those due before.
   *
   * @param driver where faults are counted
   */
  int runDue(XdpContext context, XdpProgram driver) {
    if (timers.isEmpty()) {
      return 0;
    }
    long now = context.now();
    int most = timers.stream().mapToInt(MapTimers::running).sum();
    int ran = 0;
    boolean more = true;
    while (more && ran < most) {
      try {
        more = first().runNext(context, now);
        ran += more ? 1 : 0;
      } catch (RuntimeException | StackOverflowError fault) {
        driver.count(context);
        ran++;
      }
    }
    return ran;
  }
}
