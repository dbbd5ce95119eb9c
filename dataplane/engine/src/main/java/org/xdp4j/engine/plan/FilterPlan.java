package org.xdp4j.engine.plan;

import java.util.List;
import org.xdp4j.net.filter.FilterRule.PortRange;
import org.xdp4j.net.filter.Verdict;
import org.xdp4j.net.wire.IpPrefix;

/**
 * The stateful firewall over forwarded packets: the first rule that fits a connection's first
 * packet decides, and what belongs to an accepted connection passes.
 *
 * @param otherwise the verdict where no rule fits
 * @param capacity the most connections
 */
public record FilterPlan(List<Rule> rules, Verdict otherwise, int capacity) {
  /** Takes a copy of the list. */
  public FilterPlan {
    rules = List.copyOf(rules);
  }

  /**
   * A rule. Every part that is not said fits all.
   *
   * @param in the interface a packet came in on, or null
   * @param out the interface it leaves by, or null
   * @param source its prefix, or null
   * @param destination its prefix, or null
   * @param protocol of IP, or -1
   * @param sourcePorts or null
   * @param destinationPorts or null
   * @param verdict accept, drop or reject
   */
  public record Rule(
      String in,
      String out,
      IpPrefix source,
      IpPrefix destination,
      int protocol,
      PortRange sourcePorts,
      PortRange destinationPorts,
      Verdict verdict) {
    /** A rule for all packets. */
    public static Rule any(Verdict verdict) {
      return new Rule(null, null, null, null, -1, null, null, verdict);
    }
  }
}
