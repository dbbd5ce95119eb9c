package org.xdp4j.net.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.xdp4j.net.wire.EtherType;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.PacketBuffer;

class IdentificationRulesTest {
  private static final String US = "10.0.1.1";
  private static final String US6 = "fd00:1::1";

  /** A router and its workers, of which each has a stack. */
  private static final class Workers extends PoolOutput {
    final Router router;
    final List<Stack> stacks = new ArrayList<>();
    final List<Integer> identifications = new ArrayList<>();

    Workers(long seed) {
      super(128);
      router = new Router(RouterSettings.defaults(), new SplittableRandom(seed));
      router.setTopology(Topology.of(List.of(TestRouter.builder(1).build())));
      for (int host = 2; host < 10; host++) {
        router
            .neighbors()
            .setPermanent(1, IpAddress.parse("10.0.1." + host), TestRouter.hostMac(1));
        router
            .neighbors()
            .setPermanent(1, IpAddress.parse("fd00:1::" + host), TestRouter.hostMac(1));
      }
      stacks.add(new Stack(pool.memory, router, this));
      stacks.add(new Stack(pool.memory, router, this));
    }

    @Override
    public void transmit(PacketBuffer packet, int port) {
      byte[] frame = pool.bytes(packet);
      if (Packets.u16(frame, 12) == EtherType.IPV4) {
        identifications.add(Packets.u16(frame, 14 + 4));
      } else if (Packets.u8(frame, 14 + 6) == 44 && (Packets.u16(frame, 14 + 42) & 0xfff8) == 0) {
        identifications.add(Packets.i32(frame, 14 + 44));
      }
      super.transmit(packet, port);
    }

    /** The identification of the answer to an echo request of a host that a worker gets. */
    int ask(int worker, int host) {
      return ask(worker, Packets.ipv4("10.0.1." + host, US, 1, Packets.icmp(8, 0, 1, new byte[8])));
    }

    /** The same over IPv6, with an answer that needs fragments. */
    int ask6(int worker, int host) {
      byte[] message = Packets.message(128, 0, 1, new byte[1600]);
      return ask(worker, Packets.icmp6("fd00:1::" + host, US6, 64, message));
    }

    private int ask(int worker, byte[] packet) {
      int type = packet[0] >>> 4 == 4 ? EtherType.IPV4 : EtherType.IPV6;
      byte[] frame = Packets.ethernet(TestRouter.mac(1), TestRouter.hostMac(1), type, packet);
      stacks.get(worker).receive(pool.acquire(frame), 1, TestRouter.SECOND);
      assertThat(identifications).hasSize(1);
      return identifications.remove(0);
    }
  }

  @Test
  void noneIsUsedTwiceForAHostWhicheverWorkerAnswersIt() {
    Workers workers = new Workers(1);
    Set<Integer> used = new HashSet<>();
    Set<Integer> used6 = new HashSet<>();
    for (int i = 0; i < 20_000; i++) {
      assertThat(used.add(workers.ask(i & 1, 2))).isTrue();
    }
    for (int i = 0; i < 1000; i++) {
      assertThat(used6.add(workers.ask6(i & 1, 2))).isTrue();
    }
  }

  @Test
  void theyTellAHostNothingOfWhatOthersAreSent() {
    Workers workers = new Workers(1);
    int before = workers.ask(0, 3);
    int before6 = workers.ask6(0, 3);
    for (int i = 0; i < 1000; i++) {
      workers.ask(0, 2);
      workers.ask6(0, 4);
    }
    assertThat(workers.ask(0, 3)).isEqualTo(before + 1 & 0xffff);
    assertThat(workers.ask6(0, 3)).isEqualTo(before6 + 1);
    Set<Integer> first = new HashSet<>();
    for (int host = 2; host < 10; host++) {
      first.add(workers.ask(0, host) / 1000);
    }
    assertThat(first).as("hosts begin in different places").hasSizeGreaterThan(5);
  }

  @Test
  void theSameSeedMakesTheSameAndAnotherOthers() {
    List<List<Integer>> runs = new ArrayList<>();
    for (long seed : new long[] {7, 7, 8}) {
      Workers workers = new Workers(seed);
      List<Integer> run = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        run.add(workers.ask(i & 1, 2 + i % 8));
        run.add(workers.ask6(i & 1, 2 + i % 8));
      }
      runs.add(run);
    }
    assertThat(runs.get(0)).isEqualTo(runs.get(1)).isNotEqualTo(runs.get(2));
    Workers one = new Workers(new SplittableRandom().nextLong());
    Workers two = new Workers(new SplittableRandom().nextLong());
    assertThat(List.of(one.ask6(0, 2), one.ask6(0, 3), one.ask6(0, 4)))
        .isNotEqualTo(List.of(two.ask6(0, 2), two.ask6(0, 3), two.ask6(0, 4)));
  }
}
