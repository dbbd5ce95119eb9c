package org.xdp4j.engine.plan;

import java.util.List;

/**
 * Everything a forwarder is to be. Immutable.
 *
 * @param workers the threads that move frames; cannot change while the forwarder runs
 * @param limits what is set aside and what may grow; cannot change while the forwarder runs
 * @param ports where frames come from and go to
 * @param bridges ports that are one link
 * @param interfaces ways onto links, with addresses; on a port or on a bridge
 * @param routes beside those that follow from the interfaces' addresses
 * @param neighbors hardware addresses that are known and never asked for
 * @param nat null for none
 * @param filter null for none: everything is forwarded
 * @param programs XDP programs and where they are attached
 * @param punt the port that gets what is for this router but not for its stack; null when nobody
 *     takes it, so that senders are refused by ICMP or a TCP reset as a host would
 * @param mirror the port that gets copies of what comes in on mirrored interfaces; null for none
 */
public record ForwarderPlan(
    WorkerPlan workers,
    LimitPlan limits,
    List<PortPlan> ports,
    List<BridgePlan> bridges,
    List<InterfacePlan> interfaces,
    List<RoutePlan> routes,
    List<NeighborPlan> neighbors,
    NatPlan nat,
    FilterPlan filter,
    List<ProgramPlan> programs,
    String punt,
    String mirror) {
  /** Takes copies of the lists. */
  public ForwarderPlan {
    ports = List.copyOf(ports);
    bridges = List.copyOf(bridges);
    interfaces = List.copyOf(interfaces);
    routes = List.copyOf(routes);
    neighbors = List.copyOf(neighbors);
    programs = List.copyOf(programs);
  }

  /** One worker, no port: what others are made from. */
  public static ForwarderPlan empty() {
    return new ForwarderPlan(
        WorkerPlan.one(),
        LimitPlan.defaults(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        null,
        null,
        List.of(),
        null,
        null);
  }

  /** The same but for its workers. */
  public ForwarderPlan withWorkers(WorkerPlan fresh) {
    Draft draft = new Draft(this);
    draft.workers = fresh;
    return draft.plan();
  }

  /** The same but for its limits. */
  public ForwarderPlan withLimits(LimitPlan fresh) {
    Draft draft = new Draft(this);
    draft.limits = fresh;
    return draft.plan();
  }

  /** The same but for its ports. */
  public ForwarderPlan withPorts(List<PortPlan> fresh) {
    Draft draft = new Draft(this);
    draft.ports = fresh;
    return draft.plan();
  }

  /** The same but for its bridges. */
  public ForwarderPlan withBridges(List<BridgePlan> fresh) {
    Draft draft = new Draft(this);
    draft.bridges = fresh;
    return draft.plan();
  }

  /** The same but for its interfaces. */
  public ForwarderPlan withInterfaces(List<InterfacePlan> fresh) {
    Draft draft = new Draft(this);
    draft.interfaces = fresh;
    return draft.plan();
  }

  /** The same but for its routes. */
  public ForwarderPlan withRoutes(List<RoutePlan> fresh) {
    Draft draft = new Draft(this);
    draft.routes = fresh;
    return draft.plan();
  }

  /** The same but for its static neighbours. */
  public ForwarderPlan withNeighbors(List<NeighborPlan> fresh) {
    Draft draft = new Draft(this);
    draft.neighbors = fresh;
    return draft.plan();
  }

  /** The same but for its NAT. */
  public ForwarderPlan withNat(NatPlan fresh) {
    Draft draft = new Draft(this);
    draft.nat = fresh;
    return draft.plan();
  }

  /** The same but for its filter. */
  public ForwarderPlan withFilter(FilterPlan fresh) {
    Draft draft = new Draft(this);
    draft.filter = fresh;
    return draft.plan();
  }

  /** The same but for its programs. */
  public ForwarderPlan withPrograms(List<ProgramPlan> fresh) {
    Draft draft = new Draft(this);
    draft.programs = fresh;
    return draft.plan();
  }

  /** The same but for its punt port. */
  public ForwarderPlan withPunt(String fresh) {
    Draft draft = new Draft(this);
    draft.punt = fresh;
    return draft.plan();
  }

  /** The same but for its mirror port. */
  public ForwarderPlan withMirror(String fresh) {
    Draft draft = new Draft(this);
    draft.mirror = fresh;
    return draft.plan();
  }

  /** A plan while one part of it changes. */
  private static final class Draft {
    private WorkerPlan workers;
    private LimitPlan limits;
    private List<PortPlan> ports;
    private List<BridgePlan> bridges;
    private List<InterfacePlan> interfaces;
    private List<RoutePlan> routes;
    private List<NeighborPlan> neighbors;
    private NatPlan nat;
    private FilterPlan filter;
    private List<ProgramPlan> programs;
    private String punt;
    private String mirror;

    Draft(ForwarderPlan from) {
      workers = from.workers;
      limits = from.limits;
      ports = from.ports;
      bridges = from.bridges;
      interfaces = from.interfaces;
      routes = from.routes;
      neighbors = from.neighbors;
      nat = from.nat;
      filter = from.filter;
      programs = from.programs;
      punt = from.punt;
      mirror = from.mirror;
    }

    ForwarderPlan plan() {
      return new ForwarderPlan(
          workers,
          limits,
          ports,
          bridges,
          interfaces,
          routes,
          neighbors,
          nat,
          filter,
          programs,
          punt,
          mirror);
    }
  }
}
