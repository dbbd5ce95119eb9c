package org.xdp4j.engine.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.xdp4j.engine.forward.TestNetwork.datagram;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.InterfacePlan;
import org.xdp4j.engine.plan.NeighborPlan;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.plan.PortSettings;
import org.xdp4j.engine.plan.RoutePlan;
import org.xdp4j.engine.port.Pace;

/** A plan that is refused leaves the captures alone that it would have written. */
class RefusedCaptureTest {
  private static final int HEADER = 24;

  @TempDir private Path folder;

  private PortPlan capture(String name, String file, int keep) {
    return new PortPlan.CaptureOutput(
        PortSettings.of(name), folder.resolve(file), 1 << 20, null, keep);
  }

  private static PortPlan broken() {
    return new PortPlan.CaptureInput(
        PortSettings.of("broken"), List.of(Path.of("there/is/no.pcap")), new Pace.Rate(1), 1);
  }

  private static ForwarderPlan with(ForwarderPlan plan, PortPlan... more) {
    List<PortPlan> ports = new ArrayList<>(plan.ports());
    ports.addAll(List.of(more));
    return plan.withPorts(ports);
  }

  @Test
  void whatWasInAFileStaysUntilThePlanHolds() throws Exception {
    byte[] old = "what somebody wants to keep".getBytes();
    Path there = Files.write(folder.resolve("there.pcap"), old);
    TestNetwork net = new TestNetwork(2);
    ForwarderPlan plan = net.plan();
    PortPlan one = capture("one", "there.pcap", 3);
    PortPlan other = capture("other", "new.pcap", 3);
    assertThatThrownBy(() -> Forwarder.start(with(plan, one, other, broken())))
        .isInstanceOf(ForwarderException.class);
    assertThat(there).hasBinaryContent(old);
    assertThat(folder.resolve("new.pcap")).doesNotExist();

    try (Forwarder forwarder = Forwarder.start(net.plan())) {
      assertThatThrownBy(() -> forwarder.apply(with(plan, one, other, broken())))
          .isInstanceOf(ForwarderException.class);
      assertThat(there).hasBinaryContent(old);
      assertThat(folder.resolve("new.pcap")).doesNotExist();

      forwarder.apply(with(plan, one, other));
      awaitSize(there, HEADER);
      awaitSize(folder.resolve("new.pcap"), HEADER);
      net.stop(forwarder);
    }
    assertThat(Files.size(there)).isEqualTo(HEADER);
  }

  @Test
  void aPortThatTakesTheFileOverFromOneThatGoesHasItWhole() throws Exception {
    TestNetwork net = new TestNetwork(2);
    Path file = folder.resolve("out.pcap");
    ForwarderPlan plan = routedTo(net.plan(), capture("out", "out.pcap", 3));
    try (Forwarder forwarder = Forwarder.start(plan)) {
      net.wire(1).send(datagram(1, "10.0.1.2", "10.9.9.9", 64));
      ForwarderTest.awaitReceived(forwarder, 1);
      awaitSize(file, HEADER + 1);
      forwarder.apply(routedTo(net.plan(), capture("out", "out.pcap", 4)));
      awaitSize(file, HEADER);
      net.wire(1).send(datagram(1, "10.0.1.2", "10.9.9.9", 64));
      net.wire(1).send(datagram(1, "10.0.1.2", "10.9.9.9", 64));
      ForwarderTest.awaitReceived(forwarder, 3);
      net.stop(forwarder);
    }
    long frame = datagram(1, "10.0.1.2", "10.9.9.9", 64).length;
    assertThat(Files.size(file)).isEqualTo(HEADER + 2 * (16 + frame));
  }

  private static ForwarderPlan routedTo(ForwarderPlan plan, PortPlan port) {
    List<InterfacePlan> interfaces = new ArrayList<>(plan.interfaces());
    interfaces.add(InterfacePlan.of("out", "out", "10.0.9.1/24"));
    List<NeighborPlan> neighbors = new ArrayList<>(plan.neighbors());
    neighbors.add(new NeighborPlan("out", TestNetwork.ip("10.0.9.2"), TestNetwork.HOST + 9));
    List<RoutePlan> routes = new ArrayList<>(plan.routes());
    routes.add(RoutePlan.via("10.9.0.0/16", "10.0.9.2"));
    return with(plan, port).withInterfaces(interfaces).withNeighbors(neighbors).withRoutes(routes);
  }

  /** Waits until it has this size, or for one that ends with more, more than that. */
  private static void awaitSize(Path file, int least) throws Exception {
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (least == HEADER ? Files.size(file) != HEADER : Files.size(file) < least) {
      assertThat(System.nanoTime())
          .as("%s has %d bytes", file, Files.size(file))
          .isLessThan(deadline);
      Thread.sleep(1);
    }
  }
}
