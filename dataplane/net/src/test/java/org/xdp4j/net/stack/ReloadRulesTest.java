package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.xdp4j.net.link.Bridge;
import org.xdp4j.net.link.BridgePort;
import org.xdp4j.net.route.Fib;
import org.xdp4j.net.route.NextHop;
import org.xdp4j.net.route.Route;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpPrefix;
import org.xdp4j.net.wire.PacketBuffer;

/** What a worker sees of interfaces and routes while others put them in each other's place. */
class ReloadRulesTest extends PoolOutput {
  private static final int CHANGES = 400;
  private static final IpPrefix NETWORK = IpPrefix.parse("10.3.0.0/24");

  private final Router router = new Router(RouterSettings.defaults().withIcmp(1_000_000, 1000));
  private final Stack stack = new Stack(pool.memory, router, this);
  private final Map<DropReason, Integer> drops = new EnumMap<>(DropReason.class);
  private final long[] sent = new long[4];
  private final AtomicBoolean stop = new AtomicBoolean();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private Thread worker;
  private long received;

  /** Which of the packets asked for next there is a failure instead of. */
  private int failsAt;

  ReloadRulesTest() {
    super(256);
  }

  private static Topology topology(int networks) {
    List<Interface> interfaces = new ArrayList<>();
    interfaces.add(TestRouter.builder(1).build());
    interfaces.add(TestRouter.builder(2).build());
    if (networks > 0) {
      InterfaceBuilder third = Interface.builder(3, "eth3").port(3).mac(TestRouter.mac(3));
      for (int i = 0; i < networks; i++) {
        third.address("10.3." + i + ".1/24");
      }
      interfaces.add(third.build());
    }
    return Topology.of(interfaces);
  }

  private static NextHop second() {
    return new NextHop(2, IpAddress.parse("10.0.2.2"));
  }

  /** A worker receives packets to 10.3.0.5, one or a few at a time, until it is stopped. */
  private void start() {
    router.neighbors().setPermanent(1, IpAddress.parse("10.0.1.2"), TestRouter.hostMac(1));
    router.neighbors().setPermanent(2, IpAddress.parse("10.0.2.2"), TestRouter.hostMac(2));
    router.neighbors().setPermanent(3, IpAddress.parse("10.3.0.5"), TestRouter.hostMac(3));
    byte[] packet = Packets.ipv4("10.0.1.2", "10.3.0.5", 17, Packets.udp(1, 2, 10));
    byte[] frame =
        Packets.ethernet(TestRouter.mac(1), TestRouter.hostMac(1), EtherType.IPV4, packet);
    worker =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    PacketBuffer[] batch = new PacketBuffer[32];
                    while (!stop.get()) {
                      for (int i = 0; i < batch.length; i++) {
                        batch[i] = pool.acquire(frame);
                      }
                      stack.receive(batch, 0, batch.length, 1, received++);
                      stack.receive(pool.acquire(frame), 1, received++);
                      received += 31;
                    }
                  } catch (RuntimeException | Error e) {
                    failure.set(e);
                  }
                });
  }

  @AfterEach
  void end() throws InterruptedException {
    stop.set(true);
    if (worker != null) {
      worker.join();
    }
  }

  private void requireNothingLost() throws InterruptedException {
    end();
    assertThat(failure.get()).isNull();
    assertThat(drops).isEmpty();
    assertThat(sent[1]).as("errors to the sender").isZero();
    assertThat(sent[2] + sent[3]).isEqualTo(received);
    assertThat(sent[2]).isPositive();
    assertThat(sent[3]).isPositive();
  }

  @Test
  void anInterfaceThatLeavesTakesNoDestinationWithItThatAnotherRouteCovers()
      throws InterruptedException {
    router.setTopology(topology(0));
    router.addRoute(Route.via(IpPrefix.parse("0.0.0.0/0"), second()));
    start();
    for (int i = 0; i < CHANGES; i++) {
      router.setTopology(topology(i % 2 == 0 ? 1 : 40));
      Thread.sleep(1);
      router.setTopology(topology(0));
      Thread.sleep(1);
    }
    requireNothingLost();
  }

  @Test
  void aConnectedNetworkBecomesARouteAndBackWithoutAGap() throws InterruptedException {
    router.setTopology(topology(0));
    router.addRoute(Route.via(NETWORK, second()));
    start();
    for (int i = 0; i < CHANGES; i++) {
      router.change(topology(1), List.of(), List.of(NETWORK));
      Thread.sleep(1);
      router.change(topology(0), List.of(Route.via(NETWORK, second())), List.of());
      Thread.sleep(1);
    }
    requireNothingLost();
  }

  /** Routes of the tables before and after, and what may be found of a destination meanwhile. */
  @Test
  void aDestinationGoesFromItsOldRouteToItsNewOneInOneStep() throws InterruptedException {
    router.setTopology(topology(0));
    Random random = new Random(5);
    Map<IpPrefix, Route> before = new TreeMap<>();
    for (int round = 0; round < 60; round++) {
      Map<IpPrefix, Route> after = new TreeMap<>();
      for (int i = 0; i < 300; i++) {
        IpAddress address = IpAddress.of(0xac10_0000 | random.nextInt(64) << 2);
        IpPrefix prefix = new IpPrefix(address, 12 + random.nextInt(19)).network();
        after.put(prefix, Route.via(prefix, new NextHop(1 + random.nextInt(2), address)));
      }
      List<IpPrefix> leaving = new ArrayList<>(before.keySet());
      leaving.removeAll(after.keySet());
      watchWhile(before, after, () -> router.change(null, after.values(), leaving));
      before = after;
    }
  }

  private void watchWhile(Map<IpPrefix, Route> before, Map<IpPrefix, Route> after, Runnable change)
      throws InterruptedException {
    int[] destinations = new Random(1).ints(24, 0xac10_0000, 0xac10_0100).toArray();
    Route[] old = best(destinations, before.values());
    Route[] fresh = best(destinations, after.values());
    AtomicBoolean done = new AtomicBoolean();
    AtomicReference<String> wrong = new AtomicReference<>();
    AtomicBoolean watching = new AtomicBoolean();
    Fib fib = router.fib(false);
    Thread watcher =
        Thread.ofPlatform()
            .start(
                () -> {
                  boolean[] isNew = new boolean[destinations.length];
                  while (!done.get()) {
                    for (int i = 0; i < destinations.length; i++) {
                      Route found = fib.lookup(destinations[i]);
                      isNew[i] |= found == fresh[i];
                      if (found != fresh[i] && (found != old[i] || isNew[i])) {
                        wrong.set(found + " is neither " + old[i] + " nor " + fresh[i]);
                      }
                    }
                    watching.set(true);
                  }
                });
    while (!watching.get()) {
      Thread.onSpinWait();
    }
    change.run();
    done.set(true);
    watcher.join();
    assertThat(wrong.get()).isNull();
    for (int i = 0; i < destinations.length; i++) {
      assertThat(fib.lookup(destinations[i])).isSameAs(fresh[i]);
    }
  }

  private static Route[] best(int[] destinations, Collection<Route> routes) {
    Route[] found = new Route[destinations.length];
    for (int i = 0; i < destinations.length; i++) {
      for (Route route : routes) {
        boolean longer = found[i] == null || route.length() > found[i].length();
        if (longer && route.prefix().contains(IpAddress.of(destinations[i]))) {
          found[i] = route;
        }
      }
    }
    return found;
  }

  private static Topology bridged(boolean isThere) {
    List<Interface> interfaces = new ArrayList<>();
    interfaces.add(TestRouter.builder(1).build());
    interfaces.add(TestRouter.builder(2).mtu(1300).build());
    InterfaceBuilder bridge = Interface.builder(3, "br").bridge(0).mac(TestRouter.mac(3)).mtu(1300);
    if (isThere) {
      interfaces.add(bridge.address("10.3.0.1/24").build());
    }
    List<BridgePort> ports = List.of(BridgePort.access(3, 1));
    return Topology.of(interfaces, isThere ? List.of(new Bridge(0, ports)) : List.of());
  }

  @Test
  void aBridgeThatComesOrLeavesCostsNoMoreThanWhatWasOnItsWayToIt() throws InterruptedException {
    router.setTopology(bridged(false));
    router.addRoute(Route.via(IpPrefix.parse("0.0.0.0/0"), second()));
    start();
    for (int i = 0; i < CHANGES; i++) {
      router.setTopology(bridged(true));
      Thread.sleep(1);
      router.setTopology(bridged(false));
      Thread.sleep(1);
    }
    end();
    assertThat(failure.get()).isNull();
    assertThat(drops.keySet()).isSubsetOf(DropReason.OUTPUT_DOWN);
    assertThat(stack.counters().difference()).isZero();
    assertThat(sent[2]).isPositive();
    assertThat(sent[3]).isPositive();
  }

  /** Three packets wait for a neighbour on the bridge, of whom is known since where it is. */
  private void threeWaitAndMayGo(int dataBytes) {
    byte[] packet = Packets.ipv4("10.0.1.2", "10.3.0.9", 17, Packets.udp(1, 2, dataBytes));
    byte[] frame =
        Packets.ethernet(TestRouter.mac(1), TestRouter.hostMac(1), EtherType.IPV4, packet);
    for (int i = 0; i < 3; i++) {
      stack.receive(pool.acquire(frame), 1, TestRouter.SECOND);
    }
    router.neighbors().setPermanent(3, IpAddress.parse("10.3.0.9"), TestRouter.hostMac(3));
  }

  @Test
  void whatWaitsForABridgeThatLeftIsDropped() {
    router.setTopology(bridged(true));
    threeWaitAndMayGo(1400);
    router.setTopology(bridged(false));
    stack.tick(2 * TestRouter.SECOND);
    assertThat(drops).containsOnlyKeys(DropReason.OUTPUT_DOWN);
    assertThat(pool.inUse()).isZero();
    assertThat(stack.counters().difference()).isZero();
  }

  @Test
  void aFailureCostsOnePacketAndLeavesNothingBehind() {
    router.setTopology(bridged(true));
    threeWaitAndMayGo(3000);
    failsAt = 2;
    assertThatThrownBy(() -> stack.tick(2 * TestRouter.SECOND)).hasMessage("a bug");
    assertThat(drops).containsOnly(Map.entry(DropReason.INTERNAL_ERROR, 2));
    assertThat(sent[3]).as("a request, and fragments of the other two").isEqualTo(7);
    assertThat(stack.counters().difference()).isZero();
    assertThat(stack.counters().get(StackCounters.Total.HELD)).isZero();
    assertThat(pool.inUse()).isZero();
  }

  @Override
  public void transmit(PacketBuffer packet, int port) {
    sent[port]++;
    super.transmit(packet, port);
  }

  @Override
  public void drop(PacketBuffer packet, DropReason reason) {
    drops.merge(reason, 1, Integer::sum);
    super.drop(packet, reason);
  }

  @Override
  public PacketBuffer acquire(int length) {
    if (--failsAt == 0) {
      throw new IllegalStateException("a bug");
    }
    return super.acquire(length);
  }
}
