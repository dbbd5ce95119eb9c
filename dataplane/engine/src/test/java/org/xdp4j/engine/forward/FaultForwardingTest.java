package org.xdp4j.engine.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.plan.PortSettings;
import org.xdp4j.engine.port.FaultCounts;
import org.xdp4j.engine.port.FaultPort;
import org.xdp4j.engine.port.Faults;

/** A router between wires on which things go wrong: every frame is still accounted for. */
class FaultForwardingTest {
  private static final int UDP_AT = Frames.ETHERNET + Frames.IPV4;
  private static final int PAYLOAD_AT = UDP_AT + 8;

  /** What is lost, and what one bit that is the other way round can be dropped for. */
  private static final Set<String> FOR_ONE_BIT =
      Set.of(
          "bad-source-mac",
          "fault-loss",
          "ipv4-bad-checksum",
          "ipv4-bad-header",
          "ipv4-truncated",
          "link-broadcast",
          "multicast",
          "not-for-us",
          "unknown-ethertype");

  private final TestNetwork net = new TestNetwork(2);
  private FaultPort in;
  private FaultPort out;

  /** The network's plan, what comes in at p1 and goes out at p2 with faults. */
  private ForwarderPlan plan(Faults coming, Faults going, long seed) {
    PortPlan.Custom one =
        new PortPlan.Custom(
            settings(1),
            (settings, queues, region) ->
                in =
                    new FaultPort(
                        net.wire(1).make(settings, queues, region),
                        coming,
                        Faults.NONE,
                        seed,
                        region));
    PortPlan.Custom two =
        new PortPlan.Custom(
            settings(2),
            (settings, queues, region) ->
                out =
                    new FaultPort(
                        net.wire(2).make(settings, queues, region),
                        Faults.NONE,
                        going,
                        seed + 1,
                        region));
    return net.plan().withPorts(List.of(one, two));
  }

  private static PortSettings settings(int port) {
    return PortSettings.of("p" + port).withMac(TestNetwork.ROUTER + port).withQueues(1);
  }

  private static byte[] frame(int number) {
    byte[] payload = ByteBuffer.allocate(18).putInt(number).putLong(~number * 0x9E37L).array();
    byte[] udp = Frames.udp(1000, 2000, payload);
    return TestNetwork.frame(1, Frames.ipv4("10.0.1.2", "10.2.3.4", Frames.UDP, 64, udp));
  }

  /** The number of a frame that came out as it should; -1 of another. */
  private static int number(byte[] frame) {
    int number = Frames.i32(frame, PAYLOAD_AT);
    byte[] whole = frame(number);
    boolean same =
        frame.length == whole.length
            && IntStream.range(UDP_AT, whole.length).allMatch(i -> frame[i] == whole[i]);
    return same ? number : -1;
  }

  /** Sends frames and takes what comes out, until nothing more does; their numbers. */
  private List<Integer> run(Forwarder forwarder, int count) throws InterruptedException {
    List<Integer> came = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      net.wire(1).send(frame(i));
      take(came);
    }
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (System.nanoTime() < deadline) {
      take(came);
      ForwardBooks books = forwarder.books();
      if (books.received() == count
          && books.inFlight() == 0
          && came.size() == books.transmitted()) {
        return came;
      }
      Thread.sleep(1);
    }
    throw new AssertionError(forwarder.books() + " " + in.in() + " " + out.out() + came.size());
  }

  private void take(List<Integer> came) {
    byte[] frame;
    while ((frame = net.wire(2).poll()) != null) {
      came.add(number(frame));
    }
  }

  @Test
  void booksAreExactWhateverGoesWrong() throws Exception {
    SplittableRandom random = new SplittableRandom(20_261_129);
    TreeMap<String, Long> reasons = new TreeMap<>();
    int cases = 25;
    long frames = 0;
    for (int i = 0; i < cases; i++) {
      FaultForwardingTest one = new FaultForwardingTest();
      Faults coming = faults(random);
      Faults going = faults(random);
      try (Forwarder forwarder = Forwarder.start(one.plan(coming, going, random.nextLong()))) {
        int count = 200 + random.nextInt(400);
        List<Integer> came = one.run(forwarder, count);
        ForwardBooks books = forwarder.stop();
        String what = books + " with " + coming + " and " + going;
        assertThat(books.difference()).as(what).isZero();
        assertThat(books.inFlight()).as(what).isZero();
        FaultCounts in = one.in.in();
        FaultCounts out = one.out.out();
        assertThat(books.received()).as(what).isEqualTo(count);
        assertThat(books.generated()).as(what).isEqualTo(in.duplicated() + out.duplicated());
        assertThat(books.dropped("fault-loss")).as(what).isEqualTo(in.lost() + out.lost());
        assertThat(books.delivered() + books.punted()).as(what).isZero();
        long spoiled = one.in.in().corrupted() + one.in.in().duplicated();
        assertThat(books.dropped() - in.lost() - out.lost()).as(what).isLessThanOrEqualTo(spoiled);
        books.drops().forEach(drop -> reasons.merge(drop.reason(), drop.frames(), Long::sum));
        frames += count;
        assertThat(came).as(what).hasSizeLessThanOrEqualTo(4 * count);
      }
    }
    System.out.printf(
        "%,d frames in %d cases of faults on both wires: books exact; dropped for %s%n",
        frames, cases, reasons);
    assertThat(FOR_ONE_BIT).containsAll(reasons.keySet());
  }

  private static Faults faults(SplittableRandom random) {
    return new Faults(
        share(random),
        share(random),
        share(random),
        share(random),
        random.nextInt(4) == 0 ? random.nextInt(2_000_000) : 0,
        random.nextInt(4) == 0 ? random.nextInt(2_000_000) : 0);
  }

  private static double share(SplittableRandom random) {
    return random.nextInt(3) == 0 ? 0 : random.nextDouble() * random.nextDouble();
  }

  @Test
  void aSpoiledFrameIsDroppedByNameOrIsTheOneThatArrivesSpoiled() throws Exception {
    int count = 4000;
    try (Forwarder forwarder =
        Forwarder.start(plan(new Faults(0, 0, 0.5, 0, 0, 0), Faults.NONE, 99))) {
      List<Integer> came = run(forwarder, count);
      ForwardBooks books = forwarder.stop();
      long spoiled = came.stream().filter(number -> number < 0).count();
      // A bit of the source's hardware address is written over; all others are seen.
      long healed = in.in().corrupted() - books.dropped() - spoiled;
      double share = 6 / 60.0;
      assertThat(healed).isBetween(0L, (long) (2 * share * in.in().corrupted()));
      assertThat(books.dropped("ipv4-bad-checksum")).isGreaterThan(count / 10);
    }
  }

  @Test
  void whatIsLateComesInOrderAndWhatIsOvertakenComesSoon() throws Exception {
    int count = 1000;
    Faults late = new Faults(0, 0, 0, 0, 300_000, 300_000);
    try (Forwarder forwarder = Forwarder.start(plan(late, late, 3))) {
      assertThat(run(forwarder, count)).isEqualTo(IntStream.range(0, count).boxed().toList());
      assertThat(in.in().delayed()).isEqualTo(count);
    }
    FaultForwardingTest other = new FaultForwardingTest();
    Faults overtaken = new Faults(0, 0, 0, 0.2, 0, 0);
    try (Forwarder forwarder = Forwarder.start(other.plan(overtaken, Faults.NONE, 3))) {
      List<Integer> came = other.run(forwarder, count);
      assertThat(came).hasSize(count).doesNotHaveDuplicates().doesNotContain(-1);
      assertThat(other.in.in().reordered()).isPositive();
      for (int i = 0; i < count; i++) {
        assertThat(came.get(i)).isBetween(i - Faults.REORDERED, i + Faults.REORDERED);
      }
    }
  }
}
