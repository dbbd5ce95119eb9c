package org.xdp4j.bpf;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapTimers;

/** The timers and the work of several maps, by when they are due. */
final class TimerQueue {
  /**
   * Callbacks in a row: a timer of a microsecond rings a second through, and one that starts itself
   * without end does not stop the replay of a capture that pauses for a day.
   */
  private static final int MOST_IN_A_ROW = 1_000_000;

  /** Who counts callbacks that fault and puts right what they left half done. */
  interface Faults {
    void count(XdpContext context);
  }

  private final List<MapTimers> timers;
  private final List<MapTimers> work;
  private final MapTimers[] all;

  private TimerQueue(List<MapTimers> timers, List<MapTimers> work) {
    this.timers = timers;
    this.work = work;
    this.all = Stream.concat(timers.stream(), work.stream()).toArray(MapTimers[]::new);
  }

  /** The timers and the work of these maps. */
  static TimerQueue of(List<BpfMap> maps) {
    return new TimerQueue(
        maps.stream().map(BpfMap::timers).filter(Objects::nonNull).toList(),
        maps.stream().map(BpfMap::work).filter(Objects::nonNull).toList());
  }

  /** Those of both; null for none. */
  static TimerQueue join(TimerQueue one, TimerQueue other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return new TimerQueue(join(one.timers, other.timers), join(one.work, other.work));
  }

  private static List<MapTimers> join(List<MapTimers> one, List<MapTimers> other) {
    return Stream.concat(one.stream(), other.stream()).distinct().toList();
  }

  /** Whether any of the maps has timers in its values. */
  boolean isPossible() {
    return all.length > 0;
  }

  private MapTimers first() {
    MapTimers first = null;
    for (MapTimers candidate : all) {
      if (first == null || candidate.nextDue() < first.nextDue()) {
        first = candidate;
      }
    }
    return first;
  }

  long nextDue() {
    long next = MapTimers.NEVER;
    for (MapTimers each : all) {
      next = Math.min(next, each.nextDue());
    }
    return next;
  }

  /**
   * Runs what is due by the context's time, as {@link LoadedObject#runTimers} says.
   *
   * @param driver where faults are counted
   */
  int runDue(XdpContext context, Faults driver) {
    long next = nextDue();
    if (next == MapTimers.NEVER) {
      return 0; // The clock need not be asked.
    }
    long now = context.now();
    if (next > now) {
      return 0;
    }
    return context.frameTime ? catchUp(context, now, driver) : runOnce(context, now, driver);
  }

  /** Each at most once. */
  private int runOnce(XdpContext context, long now, Faults driver) {
    int most = 0;
    for (MapTimers each : all) {
      most += each.running();
    }
    int ran = 0;
    while (ran < most && runNext(first(), context, now, driver)) {
      ran++;
    }
    return ran;
  }

  /** Each as often as it is due by {@code now}, and at the time at which it is. */
  private int catchUp(XdpContext context, long now, Faults driver) {
    int ran = 0;
    try {
      MapTimers first = first();
      while (ran < MOST_IN_A_ROW && first.nextDue() <= now) {
        context.frameNanos = first.nextDue();
        ran += runNext(first, context, now, driver) ? 1 : 0;
        first = first();
      }
    } finally {
      context.frameNanos = now;
    }
    return ran < MOST_IN_A_ROW ? ran : ran + runOnce(context, now, driver);
  }

  /** Runs what is due, and all work, until there is no more of either. */
  int finish(XdpContext context, Faults driver) {
    int ran = 0;
    int before;
    do {
      before = ran;
      ran += runDue(context, driver);
      for (MapTimers each : work) {
        int waiting = each.running(); // Its callbacks may start it again.
        for (int i = 0; i < waiting; i++) {
          ran += runNext(each, context, MapTimers.NEVER, driver) ? 1 : 0;
        }
      }
    } while (ran > before && ran < MOST_IN_A_ROW);
    return ran;
  }

  private static boolean runNext(MapTimers first, XdpContext context, long now, Faults driver) {
    try {
      return first.runNext(context, now);
    } catch (RuntimeException | StackOverflowError fault) {
      driver.count(context);
      return true;
    }
  }
}
