package org.xdp4j.engine.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.oracle.NetworkNamespace;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.plan.PortSettings;
import org.xdp4j.engine.plan.WorkerPlan;

/** Workers come and go whose queues are the kernel's; in a namespace of the test's own. */
class TapWorkersTest {
  private static final int MOST = 4;
  private static final int FLOWS = 32;
  private static final int OUTSTANDING = 200;

  /** The wire of {@link TestNetwork} as port p2, and the kernel as host of the first network. */
  private static ForwarderPlan plan(TestNetwork net, PortPlan first, int workers) {
    ForwarderPlan all = net.plan();
    return all.withPorts(List.of(first, all.ports().get(1)))
        .withNeighbors(
            all.neighbors().stream().filter(each -> !each.interfaceName().equals("p1")).toList())
        .withWorkers(new WorkerPlan(workers, List.of(), WorkerPlan.Idle.POLL, MOST));
  }

  private static void quiet() throws Exception {
    NetworkNamespace.set("ipv6/conf/all/disable_ipv6", 1);
    NetworkNamespace.set("ipv6/conf/default/disable_ipv6", 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void queuesOfATapComeToBeOtherWorkersWhileDatagramsFlow(int queues) throws Exception {
    NetworkNamespace.run(
        () -> {
          quiet();
          TestNetwork net = new TestNetwork(2, 2);
          PortSettings settings =
              PortSettings.of("p1").withMac(TestNetwork.ROUTER + 1).withQueues(queues);
          PortPlan tap = new PortPlan.Tap(settings, "xw0", false, 1000);
          try (Forwarder forwarder = Forwarder.start(plan(net, tap, 2))) {
            NetworkNamespace.ip("addr add 10.0.1.2/24 dev xw0");
            NetworkNamespace.ip("route add 10.2.0.0/16 via 10.0.1.1");
            NetworkNamespace.ip("neigh add 10.0.1.1 lladdr 02:00:00:00:01:01 dev xw0");
            CompletableFuture<Void> changes =
                CompletableFuture.runAsync(
                    () -> {
                      for (int i = 0; i < 40; i++) {
                        apply(forwarder, plan(net, tap, 1 + (i * 7 + i / 3) % MOST));
                      }
                    });
            long sent = send(net, changes);
            changes.get();
            ForwardBooks books = forwarder.stop();
            assertThat(books.difference()).isZero();
            assertThat(books.received()).isEqualTo(sent);
            assertThat(books.transmitted()).as(books.toString()).isEqualTo(sent);
          }
        });
  }

  /** Keeps datagrams of the kernel's flowing until the changes are done, and all have come out. */
  private static long send(TestNetwork net, CompletableFuture<Void> changes) throws Exception {
    List<DatagramChannel> flows = new ArrayList<>();
    long sent = 0;
    try {
      for (int i = 0; i < FLOWS; i++) {
        flows.add(
            DatagramChannel.open(StandardProtocolFamily.INET)
                .setOption(StandardSocketOptions.SO_SNDBUF, 1 << 20)
                .bind(new InetSocketAddress(InetAddress.getByName("10.0.1.2"), 0))
                .connect(new InetSocketAddress(InetAddress.getByName("10.2.3.4"), 7)));
      }
      long came = 0;
      long deadline = System.nanoTime() + 20_000_000_000L;
      while (!changes.isDone() || came < sent) {
        assertThat(System.nanoTime()).as("%d sent, %d came", sent, came).isLessThan(deadline);
        while (!changes.isDone() && sent - came < OUTSTANDING) {
          flows.get((int) (sent++ % FLOWS)).write(ByteBuffer.allocate(100));
        }
        came += net.wire(2).drain();
      }
    } finally {
      for (DatagramChannel flow : flows) {
        flow.close();
      }
    }
    return sent;
  }

  @Test
  void anXdpSocketsWorkerCannotLeaveAndOthersCanCome() throws Exception {
    NetworkNamespace.run(
        () -> {
          quiet();
          NetworkNamespace.ip(
              "link add xv0 numrxqueues 2 numtxqueues 2 type veth peer name xv1 numrxqueues 2"
                  + " numtxqueues 2");
          NetworkNamespace.ip("link set xv0 up");
          NetworkNamespace.ip("link set xv1 up");
          TestNetwork net = new TestNetwork(2, 2);
          PortSettings settings =
              PortSettings.of("p1").withMac(TestNetwork.ROUTER + 1).withQueues(2);
          PortPlan sockets = new PortPlan.AfXdp(settings, "xv0");
          try (Forwarder forwarder = Forwarder.start(plan(net, sockets, 2))) {
            assertThatThrownBy(() -> forwarder.apply(plan(net, sockets, 1)))
                .isInstanceOf(ForwarderException.class)
                .hasMessageStartingWith("port 'p1': with workers.count = 1 the worker goes that");
            assertThat(forwarder.workers()).hasSize(2);
            forwarder.apply(plan(net, sockets, 3));
            forwarder.apply(plan(net, sockets, 2));
            assertThat(forwarder.stop().difference()).isZero();
          }
        });
  }

  private static void apply(Forwarder forwarder, ForwarderPlan plan) {
    try {
      forwarder.apply(plan);
    } catch (ForwarderException e) {
      throw new IllegalStateException(e);
    }
  }
}
