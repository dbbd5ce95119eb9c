package org.xdp4j.engine.forward;

import java.util.ArrayList;
import java.util.List;

/**
 * The ports as of one moment. Immutable; workers read it once a round.
 *
 * @param version counts up with every layout
 * @param workers how many there are to move frames; 0 before the first layout
 * @param ports in the plan's order
 * @param sendOnly those of them that nothing is received from
 * @param byIndex the ports by interface index; null where there is none
 * @param punt the interface index of the port that gets punts; 0 for none
 * @param mirror the interface index of the port that gets mirrored frames; 0 for none
 */
record Layout(
    long version,
    int workers,
    List<LivePort> ports,
    List<LivePort> sendOnly,
    LivePort[] byIndex,
    int punt,
    int mirror) {
  /** What there is before the first. */
  static final Layout NONE = of(0, 0, List.of(), List.of(), 0, 0);

  private static Layout of(
      long version,
      int workers,
      List<LivePort> ports,
      List<LivePort> sendOnly,
      int punt,
      int mirror) {
    int last = ports.stream().mapToInt(port -> port.ifindex).max().orElse(0);
    LivePort[] byIndex = new LivePort[last + 1];
    for (LivePort port : ports) {
      byIndex[port.ifindex] = port;
    }
    List<LivePort> all = List.copyOf(ports);
    return new Layout(version, workers, all, List.copyOf(sendOnly), byIndex, punt, mirror);
  }

  /** The one after this. */
  Layout next(int workers, List<LivePort> ports, int punt, int mirror) {
    return of(version + 1, workers, ports, List.of(), punt, mirror);
  }

  /**
   * The one after this, in which ports that are new are there to be sent to: before routes lead to
   * them, and before there is anything for what comes in by them. One that takes another's place is
   * not. This one when there is nothing new.
   *
   * @param next the ports there are to be
   */
  Layout joinedBy(List<LivePort> next, int workers) {
    List<LivePort> fresh = next.stream().filter(each -> port(each.ifindex) == null).toList();
    if (fresh.isEmpty()) {
      return this;
    }
    List<LivePort> all = new ArrayList<>(ports);
    all.addAll(fresh);
    return of(version + 1, workers, all, fresh, punt, mirror);
  }

  /** The port with this interface index, or null. */
  LivePort port(int ifindex) {
    return ifindex > 0 && ifindex < byIndex.length ? byIndex[ifindex] : null;
  }
}
