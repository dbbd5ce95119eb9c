package org.xdp4j.engine.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.InterfacePlan;
import org.xdp4j.engine.plan.NeighborPlan;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.plan.ProgramPlan;
import org.xdp4j.engine.plan.RoutePlan;
import org.xdp4j.engine.plan.WorkerPlan;

/**
 * A router between networks, each with one host: port {@code pN} has 10.0.N.1/24, its host
 * 10.0.N.2, and behind the host is 10.N.0.0/16. The hosts' hardware addresses are known. Where it
 * speaks IPv6, port {@code pN} has fd00:N::1/64, its host fd00:N::2; a router then says of its own
 * accord which groups it listens to.
 */
final class TestNetwork {
  static final long ROUTER = 0x02_00_00_00_01_00L;
  static final long HOST = 0x02_00_00_00_02_00L;

  final List<TestWire> wires = new ArrayList<>();
  private final List<NeighborPlan> neighbors = new ArrayList<>();
  private final List<InterfacePlan> interfaces = new ArrayList<>();
  private final List<RoutePlan> routes = new ArrayList<>();

  TestNetwork(int ports) {
    this(ports, 1);
  }

  TestNetwork(int ports, int queues) {
    this(ports, queues, false);
  }

  TestNetwork(int ports, int queues, boolean ipv6) {
    for (int i = 1; i <= ports; i++) {
      String name = "p" + i;
      String ipv4 = "10.0." + i + ".1/24";
      wires.add(new TestWire(name, ROUTER + i, queues));
      neighbors.add(new NeighborPlan(name, ip("10.0." + i + ".2"), HOST + i));
      if (ipv6) {
        interfaces.add(InterfacePlan.of(name, name, ipv4, "fd00:" + i + "::1/64"));
        neighbors.add(new NeighborPlan(name, ip("fd00:" + i + "::2"), HOST + i));
      } else {
        interfaces.add(InterfacePlan.of(name, name, ipv4));
      }
      routes.add(RoutePlan.via("10." + i + ".0.0/16", "10.0." + i + ".2"));
    }
  }

  static org.xdp4j.net.wire.IpAddress ip(String text) {
    return org.xdp4j.net.wire.IpAddress.parse(text);
  }

  TestWire wire(int port) {
    return wires.get(port - 1);
  }

  /** The plan of the whole network. */
  ForwarderPlan plan() {
    return ForwarderPlan.empty()
        .withPorts(wires.stream().map(TestWire::plan).toList())
        .withInterfaces(interfaces)
        .withNeighbors(neighbors)
        .withRoutes(routes);
  }

  ForwarderPlan plan(int workers) {
    return plan().withWorkers(WorkerPlan.of(workers).withIdle(WorkerPlan.Idle.YIELD));
  }

  static ForwarderPlan with(ForwarderPlan plan, ProgramPlan... programs) {
    return plan.withPrograms(List.of(programs));
  }

  static List<PortPlan> ports(ForwarderPlan plan) {
    return plan.ports();
  }

  /** A datagram from a host to an address, as it arrives at a port. */
  static byte[] datagram(int port, String source, String destination, int ttl) {
    byte[] udp = Frames.udp(1000, 2000, new byte[18]);
    return frame(port, Frames.ipv4(source, destination, Frames.UDP, ttl, udp));
  }

  static byte[] frame(int port, byte[] packet) {
    return Frames.ethernet(ROUTER + port, HOST + port, 0x0800, packet);
  }

  /** Stops it and checks that every frame the wires sent is in the books. */
  ForwardBooks stop(Forwarder forwarder) throws InterruptedException {
    ForwarderTest.awaitReceived(forwarder, wires.stream().mapToLong(TestWire::sent).sum());
    ForwardBooks books = forwarder.stop();
    assertThat(books.difference()).as(books.toString()).isZero();
    assertThat(books.inFlight()).isZero();
    return books;
  }
}
