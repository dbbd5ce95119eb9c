package org.xdp4j.engine.forward;

import java.util.List;

/**
 * The ports as of one moment. Immutable; workers read it once a round.
 *
 * @param version counts up with every layout
 * @param workers how many there are to move frames; 0 before the first layout
 * @param ports in the plan's order
 * @param byIndex the ports by interface index; null where there is none
 * @param punt the interface index of the port that gets punts; 0 for none
 * @param mirror the interface index of the port that gets mirrored frames; 0 for none
 */
record Layout(
    long version, int workers, List<LivePort> ports, LivePort[] byIndex, int punt, int mirror) {
  /** What there is before the first. */
  static final Layout NONE = of(0, 0, List.of(), 0, 0);

  static Layout of(long version, int workers, List<LivePort> ports, int punt, int mirror) {
    int last = ports.stream().mapToInt(port -> port.ifindex).max().orElse(0);
    LivePort[] byIndex = new LivePort[last + 1];
    for (LivePort port : ports) {
      byIndex[port.ifindex] = port;
    }
    return new Layout(version, workers, List.copyOf(ports), byIndex, punt, mirror);
  }

  /** The port with this interface index, or null. */
  LivePort port(int ifindex) {
    return ifindex > 0 && ifindex < byIndex.length ? byIndex[ifindex] : null;
  }
}
