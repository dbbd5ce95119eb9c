package org.xdp4j.engine.forward;

import java.util.List;

/**
 * The ports as of one moment. Immutable; workers read it once a round.
 *
 * @param version counts up with every layout
 * @param ports in the plan's order
 * @param byIndex the ports by interface index; null where there is none
 * @param punt the interface index of the port that gets punts; 0 for none
 * @param mirror the interface index of the port that gets mirrored frames; 0 for none
 */
record Layout(long version, List<LivePort> ports, LivePort[] byIndex, int punt, int mirror) {
  static Layout of(long version, List<LivePort> ports, int punt, int mirror) {
    int last = ports.stream().mapToInt(port -> port.ifindex).max().orElse(0);
    LivePort[] byIndex = new LivePort[last + 1];
    for (LivePort port : ports) {
      byIndex[port.ifindex] = port;
    }
    return new Layout(version, List.copyOf(ports), byIndex, punt, mirror);
  }

  /** The port with this interface index, or null. */
  LivePort port(int ifindex) {
    return ifindex > 0 && ifindex < byIndex.length ? byIndex[ifindex] : null;
  }
}
