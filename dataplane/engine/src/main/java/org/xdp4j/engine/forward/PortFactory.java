package org.xdp4j.engine.forward;

import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.plan.PortSettings;
import org.xdp4j.engine.port.Port;
import org.xdp4j.engine.port.PortIdentity;

/** Opens the ports of a plan that are not open yet. */
final class PortFactory {
  private static final int DEFAULT_MTU = 1500;

  /** Locally administered, unicast (IEEE 802, section 8.2). */
  private static final long LOCAL_MAC = 0x02L << 40;

  private final Region region;
  private final int most;

  /**
   * @param most how many workers there may come to be
   */
  PortFactory(Region region, int most) {
    this.region = region;
    this.most = most;
  }

  /**
   * The ports of a plan.
   *
   * @param workers how many there are to be
   * @param open those there are now; the same plan means the same port
   * @param opened gets those that were opened, also when this fails
   */
  List<LivePort> ports(
      int workers, List<PortPlan> plans, List<LivePort> open, List<LivePort> opened)
      throws ForwarderException {
    Map<PortPlan, LivePort> known = new HashMap<>();
    open.forEach(port -> known.put(port.plan, port));
    Map<String, Integer> indices = indices(plans, open);
    Map<String, LivePort> made = new LinkedHashMap<>();
    Map<String, PortPlan.Loopback> loopbacks = loopbacks(plans);
    for (PortPlan plan : plans) {
      LivePort same = known.get(plan);
      if (same != null) {
        requireWorkers(same, workers);
        made.put(plan.name(), same);
      } else if (plan instanceof PortPlan.Loopback end) {
        openPair(end, loopbacks.get(end.peer()), workers, indices, made, opened);
      } else {
        made.put(plan.name(), open(plan, workers, indices, opened));
      }
    }
    return plans.stream().map(plan -> made.get(plan.name())).toList();
  }

  private static void requireWorkers(LivePort port, int workers) throws ForwarderException {
    if (!port.isFor(workers)) {
      throw ForwarderException.about(
          "port",
          port.name(),
          "with workers.count = %d the worker goes that owns one of its sockets, which is in that"
                  .formatted(workers)
              + " worker's memory",
          null);
    }
  }

  /** Every port's interface index: its own wish, what it had, or the first that is free. */
  private static Map<String, Integer> indices(List<PortPlan> plans, List<LivePort> open)
      throws ForwarderException {
    Map<String, Integer> indices = new HashMap<>();
    Set<String> names = new HashSet<>();
    Set<Integer> taken = new HashSet<>();
    for (PortPlan plan : plans) {
      if (!names.add(plan.name())) {
        throw ForwarderException.about("port", plan.name(), "there are two of this name", null);
      }
      int wish = plan.settings().ifindex();
      if (wish != 0 && !taken.add(wish)) {
        throw ForwarderException.about(
            "port", plan.name(), "interface index " + wish + " is another port's", null);
      }
      if (wish != 0) {
        indices.put(plan.name(), wish);
      }
    }
    for (LivePort port : open) {
      if (names.contains(port.name())
          && !indices.containsKey(port.name())
          && taken.add(port.ifindex)) {
        indices.put(port.name(), port.ifindex);
      }
    }
    int next = 1;
    for (PortPlan plan : plans) {
      if (!indices.containsKey(plan.name())) {
        while (!taken.add(next)) {
          next++;
        }
        indices.put(plan.name(), next);
      }
    }
    return indices;
  }

  private static Map<String, PortPlan.Loopback> loopbacks(List<PortPlan> plans)
      throws ForwarderException {
    Map<String, PortPlan.Loopback> ends = new HashMap<>();
    for (PortPlan plan : plans) {
      if (plan instanceof PortPlan.Loopback end) {
        ends.put(end.name(), end);
      }
    }
    for (PortPlan.Loopback end : ends.values()) {
      PortPlan.Loopback peer = ends.get(end.peer());
      if (peer == null || !peer.peer().equals(end.name()) || peer == end) {
        throw ForwarderException.about(
            "port",
            end.name(),
            "its peer '" + end.peer() + "' is no loopback port that names it in turn",
            null);
      }
    }
    return ends;
  }

  private void openPair(
      PortPlan.Loopback one,
      PortPlan.Loopback other,
      int workers,
      Map<String, Integer> indices,
      Map<String, LivePort> made,
      List<LivePort> opened)
      throws ForwarderException {
    if (made.containsKey(one.name())) {
      return; // Opened with its peer.
    }
    try {
      int queues = queues(one.settings(), workers);
      List<Port> ends =
          PortKinds.loopback(
              identity(one, indices), identity(other, indices), queues, one.capacity(), region);
      for (int i = 0; i < 2; i++) {
        LivePort live = new LivePort(i == 0 ? one : other, ends.get(i), workers, most);
        opened.add(live);
        made.put(live.name(), live);
      }
    } catch (RuntimeException e) {
      throw refused(one, e);
    }
  }

  private LivePort open(
      PortPlan plan, int workers, Map<String, Integer> indices, List<LivePort> opened)
      throws ForwarderException {
    try {
      PortIdentity identity = identity(plan, indices);
      Port port =
          plan instanceof PortPlan.Custom custom
              ? custom
                  .maker()
                  .make(
                      new PortSettings(
                          identity.name(),
                          identity.ifindex(),
                          identity.mac(),
                          identity.mtu(),
                          plan.settings().queues()),
                      queues(plan.settings(), workers),
                      region)
              : PortKinds.open(plan, identity, queues(plan.settings(), workers), region);
      LivePort live = new LivePort(plan, port, workers, most);
      opened.add(live);
      return live;
    } catch (IOException | RuntimeException e) {
      throw refused(plan, e);
    }
  }

  private static ForwarderException refused(PortPlan plan, Exception e) {
    String said = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    String own = plan.name() + ": "; // Ports that are opened alone name themselves.
    String reason = said.startsWith(own) ? said.substring(own.length()) : said;
    String also = "port '" + plan.name() + "': ";
    return ForwarderException.about(
        "port", plan.name(), reason.startsWith(also) ? reason.substring(also.length()) : reason, e);
  }

  private static int queues(PortSettings settings, int workers) {
    return settings.queues() == 0 ? workers : settings.queues();
  }

  /** Who the port is; where a device has a MAC or MTU of its own, 0 leaves it to that. */
  private static PortIdentity identity(PortPlan plan, Map<String, Integer> indices) {
    PortSettings settings = plan.settings();
    int index = indices.get(plan.name());
    long mac = settings.mac() != 0 ? settings.mac() : LOCAL_MAC | 0x7834_0000L << 8 | index;
    int mtu = settings.mtu() != 0 ? settings.mtu() : DEFAULT_MTU;
    return new PortIdentity(plan.name(), index, mac, mtu);
  }
}
