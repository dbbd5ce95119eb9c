package org.xdp4j.daemon.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.xdp4j.engine.plan.ForwarderPlan;

/** What a plan consists of, in a few words. */
public final class Summary {
  private Summary() {}

  /** As in {@code 2 ports, 1 bridge, 2 interfaces, 1 program, 1 worker}. */
  public static String of(ForwarderPlan plan) {
    List<String> parts = new ArrayList<>();
    add(plan.ports().size(), "port", parts);
    add(plan.bridges().size(), "bridge", parts);
    add(plan.interfaces().size(), "interface", parts);
    add(plan.routes().size(), "route", parts);
    add(plan.neighbors().size(), "neighbor", parts);
    add(plan.programs().size(), "program", parts);
    if (plan.nat() != null) {
      parts.add("NAT");
    }
    if (plan.filter() != null) {
      parts.add("filter");
    }
    add(plan.workers().count(), "worker", parts);
    return String.join(", ", parts);
  }

  private static void add(int count, String what, List<String> parts) {
    if (count > 0) {
      parts.add(String.format(Locale.ROOT, "%,d %s%s", count, what, count == 1 ? "" : "s"));
    }
  }
}
