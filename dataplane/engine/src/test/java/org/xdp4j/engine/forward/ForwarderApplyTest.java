package org.xdp4j.engine.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.xdp4j.engine.forward.TestNetwork.datagram;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.InterfacePlan;
import org.xdp4j.engine.plan.NeighborPlan;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.plan.PortSettings;
import org.xdp4j.engine.plan.ProgramPlan;
import org.xdp4j.engine.plan.RoutePlan;
import org.xdp4j.engine.plan.WorkerPlan;

/** Another plan is applied as a whole or not at all, and what stays goes on undisturbed. */
class ForwarderApplyTest {
  @TempDir static Path folder;
  private static Path object;

  @BeforeEach
  void needsClang() throws Exception {
    Clang.assume();
    if (object == null) {
      object = ForwarderProgramTest.build(folder.resolve("forward.o"));
    }
  }

  private static void refused(Forwarder forwarder, ForwarderPlan plan, String sentence) {
    ForwarderPlan before = forwarder.plan();
    assertThatThrownBy(() -> forwarder.apply(plan))
        .isInstanceOf(ForwarderException.class)
        .hasMessageContaining(sentence);
    assertThat(forwarder.plan()).isSameAs(before);
  }

  private static ProgramPlan program(String function, String... ports) {
    return ProgramPlan.of("test", object, ports).withChain(function);
  }

  @Test
  void whatCannotBeHadIsNamedAndNothingChanges() throws Exception {
    TestNetwork net = new TestNetwork(2);
    ForwarderPlan plan = net.plan();
    try (Forwarder forwarder = Forwarder.start(plan)) {
      List<RoutePlan> routes = new ArrayList<>(plan.routes());
      routes.add(RoutePlan.via("10.9.0.0/16", "192.168.7.7"));
      refused(forwarder, plan.withRoutes(routes), "route to 10.9.0.0/16: its gateway 192.168.7.7");
      routes.removeLast();
      routes.add(RoutePlan.via("10.0.1.0/24", "10.0.2.2"));
      refused(forwarder, plan.withRoutes(routes), "route to 10.0.1.0/24: the prefix is");
      routes.removeLast();
      routes.add(routes.getFirst());
      refused(forwarder, plan.withRoutes(routes), "there are two of it");
      refused(forwarder, plan.withPunt("p9"), "punt: there is no port 'p9'");
      refused(
          forwarder,
          plan.withInterfaces(List.of(InterfacePlan.of("x", "nowhere"))),
          "interface 'x': there is no port or bridge 'nowhere'");
      refused(
          forwarder,
          plan.withInterfaces(List.of(InterfacePlan.of("x", "p1", "10.0.0.0/24"))),
          "interface x: 10.0.0.0/24 is the address of a network");
      refused(
          forwarder,
          plan.withNeighbors(List.of(new NeighborPlan("p7", TestNetwork.ip("10.0.1.9"), 2))),
          "neighbour 10.0.1.9: there is no interface 'p7'");
      refused(
          forwarder,
          plan.withPrograms(List.of(ProgramPlan.of("a", folder.resolve("none.o"), "p1"))),
          "program 'a': ");
      refused(
          forwarder,
          plan.withPrograms(List.of(program("count", "p1"), program("count", "p1"))),
          "port 'p1' has program 'test'");
      refused(
          forwarder,
          plan.withPrograms(List.of(program("missing", "p1"))),
          "no program named missing");
      refused(
          forwarder,
          plan.withPrograms(List.of(program("block", "p1").withMaps("blocked=1=2", "nothing=3"))),
          "nothing");
      refused(
          forwarder,
          plan.withPrograms(List.of(program("to_port", "p1").withMaps("ports=1=p8"))),
          "there is no port 'p8'");
      refused(
          forwarder,
          plan.withPrograms(List.of(program("to_port", "p1").withMaps("ports=1=8"))),
          "there is no port with interface index 8; there are p1 (1), p2 (2)");
      refused(forwarder, plan.withWorkers(WorkerPlan.of(2)), "workers.most: cannot change from 1");
      refused(
          forwarder,
          plan.withLimits(plan.limits().withFrames(100)),
          "limits.frames: cannot change from 4096 to 100");
      List<PortPlan> ports = new ArrayList<>(plan.ports());
      ports.add(
          new PortPlan.Custom(
              PortSettings.of("bad"),
              (settings, queues, region) -> {
                throw new java.io.IOException("no such device");
              }));
      refused(forwarder, plan.withPorts(ports), "port 'bad': no such device");
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
      net.wire(2).await();
      net.stop(forwarder);
    }
  }

  private static ForwarderPlan within(ForwarderPlan plan, long mapBytes) {
    return plan.withLimits(plan.limits().withMapBytes(mapBytes));
  }

  /** What the maps of a plan that runs take, as a refusal tells it. */
  private static long mapBytes(Forwarder forwarder) {
    String refusal =
        catchThrowableOfType(
                ForwarderException.class, () -> forwarder.apply(within(forwarder.plan(), 1)))
            .getMessage();
    assertThat(refusal).startsWith("limits.map-memory: cannot be 1 bytes, since ");
    return Long.parseLong(refusal.substring(refusal.lastIndexOf(' ') + 1));
  }

  @Test
  void aProgramMayLeaveTogetherWithTheRoomItsMapsTook() throws Exception {
    TestNetwork net = new TestNetwork(2);
    ProgramPlan one = ProgramPlan.of("one", object, "p1").withChain("count");
    ProgramPlan other = ProgramPlan.of("other", object, "p2").withChain("count");
    ForwarderPlan alone = net.plan().withPrograms(List.of(one));
    ForwarderPlan both = net.plan().withPrograms(List.of(one, other));
    try (Forwarder forwarder = Forwarder.start(alone)) {
      long few = mapBytes(forwarder);
      assertThat(few).isPositive();
      forwarder.apply(both);
      long many = mapBytes(forwarder);
      assertThat(many).isGreaterThan(few);
      refused(forwarder, within(both, many - 1), "the maps there are take " + many);
      forwarder.apply(within(both, many));
      refused(forwarder, within(alone, few - 1), "the maps there are take " + few);

      forwarder.apply(within(alone, few));
      assertThat(mapBytes(forwarder)).isEqualTo(few);
      refused(forwarder, within(both, few), "does not fit");
      forwarder.apply(within(both, many));
      net.stop(forwarder);
    }
  }

  @Test
  void contentsOfMapsAreTakenBackWhenAnotherPartIsRefused() throws Exception {
    TestNetwork net = new TestNetwork(2);
    ProgramPlan block = program("block", "p1");
    ForwarderPlan plan = TestNetwork.with(net.plan(), block.withMaps("blocked=1=5"));
    try (Forwarder forwarder = Forwarder.start(plan)) {
      BpfMap map =
          forwarder.maps().stream().filter(m -> m.name().equals("blocked")).findAny().get().map();
      ForwarderPlan other =
          TestNetwork.with(net.plan(), block.withMaps("blocked=1=6,2=7")).withPunt("p9");
      refused(forwarder, other, "punt");
      assertThat(map.get(ForwarderProgramTest.le32(1))[0]).isEqualTo((byte) 5);
      assertThat(map.get(ForwarderProgramTest.le32(2))).isNull();
      forwarder.apply(other.withPunt(null));
      assertThat(map.get(ForwarderProgramTest.le32(1))[0]).isEqualTo((byte) 6);
      assertThat(map.get(ForwarderProgramTest.le32(2))[0]).isEqualTo((byte) 7);
      net.stop(forwarder);
    }
  }

  @Test
  void anotherVersionOfAProgramGoesOnWithItsMaps() throws Exception {
    TestNetwork net = new TestNetwork(2);
    ForwarderPlan plan = net.plan();
    try (Forwarder forwarder =
        Forwarder.start(TestNetwork.with(plan, program("count", "p1").withMaps("version=1")))) {
      for (int i = 0; i < 10; i++) {
        net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
      }
      net.wire(2).await(10);
      forwarder.programs().load(program("count", "p1").withMaps("version=2"));
      for (int i = 0; i < 5; i++) {
        net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
      }
      net.wire(2).await(5);
      assertThat(ForwarderProgramTest.count(forwarder, 0)).isEqualTo(15);
      assertThat(ForwarderProgramTest.count(forwarder, 1)).isEqualTo(10);
      assertThat(ForwarderProgramTest.count(forwarder, 2)).isEqualTo(5);
      forwarder.programs().detach("p1");
      assertThat(forwarder.programs().list()).isEmpty();
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
      net.wire(2).await();
      assertThatThrownBy(() -> forwarder.programs().detach("p1"))
          .hasMessage("port 'p1' has no program");
      net.stop(forwarder);
    }
  }

  @Test
  void aPinnedMapIsSharedAndStays() throws Exception {
    TestNetwork net = new TestNetwork(2);
    ProgramPlan one =
        new ProgramPlan(
            "one", object, List.of("count"), List.of("p1"), List.of(), List.of("counts"));
    ProgramPlan two =
        new ProgramPlan(
            "two", object, List.of("count"), List.of("p2"), List.of(), List.of("counts"));
    try (Forwarder forwarder = Forwarder.start(net.plan().withPrograms(List.of(one)))) {
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
      net.wire(2).await();
      forwarder.apply(net.plan().withPrograms(List.of(two)));
      net.wire(2).send(datagram(2, "10.0.2.2", "10.1.3.4", 64));
      net.wire(1).await();
      assertThat(ForwarderProgramTest.count(forwarder, 0)).isEqualTo(2);
      net.stop(forwarder);
    }
  }

  @Test
  void portsAndAddressesComeAndGoWhileOthersGoOn() throws Exception {
    TestNetwork net = new TestNetwork(4);
    ForwarderPlan all = net.plan();
    ForwarderPlan some =
        all.withPorts(all.ports().subList(0, 2))
            .withInterfaces(all.interfaces().subList(0, 2))
            .withNeighbors(all.neighbors().subList(0, 2))
            .withRoutes(all.routes().subList(0, 2));
    try (Forwarder forwarder = Forwarder.start(some)) {
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
      net.wire(2).await();
      forwarder.apply(all);
      assertThat(forwarder.ports()).hasSize(4);
      net.wire(1).send(datagram(1, "10.0.1.2", "10.4.3.4", 64));
      net.wire(4).await();
      forwarder.apply(some);
      assertThat(forwarder.ports()).hasSize(2);
      net.wire(1).send(datagram(1, "10.0.1.2", "10.4.3.4", 64));
      assertThat(net.wire(1).await()[Frames.ETHERNET + Frames.IPV4])
          .as("unreachable")
          .isEqualTo((byte) 3);
      net.wire(2).send(datagram(2, "10.0.2.2", "10.1.3.4", 64));
      net.wire(1).await();
      net.stop(forwarder);
    }
  }

  @Test
  void aStoppedForwarderRefusesChangesAndKeepsItsBooks() throws Exception {
    TestNetwork net = new TestNetwork(2);
    try (Forwarder forwarder = Forwarder.start(net.plan())) {
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
      net.wire(2).await();
      ForwardBooks books = net.stop(forwarder);
      assertThat(forwarder.isStopped()).isTrue();
      assertThat(forwarder.books()).isEqualTo(books);
      assertThat(forwarder.stop()).isEqualTo(books);
      refused(forwarder, net.plan(), "stopped");
      assertThat(forwarder.ports()).hasSize(2);
    }
  }
}
