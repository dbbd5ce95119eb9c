package org.xdp4j.engine.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.xdp4j.engine.forward.TestNetwork.datagram;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.ProgramPlan;

/** Programs of a port run as libxdp's dispatcher runs them: frame by frame, and as they say. */
class ChainForwardTest {
  private static final int ABORTED = 0;
  private static final int DROP = 1;
  private static final int PASS = 2;
  private static final int TX = 3;

  /** Each two of these actions, by turns: zero's in the upper four bits, the other's below. */
  private static final int[] ACTIONS = {ABORTED, DROP, PASS, TX};

  private static final int ROUNDS = 20;

  @TempDir Path folder;
  private Path object;

  @BeforeEach
  void build() throws Exception {
    Clang.assume();
    Path source = Path.of(ChainForwardTest.class.getResource("chain.bpf.c").toURI());
    object = folder.resolve("chain.o");
    Clang.build(source, object, "-O2", "-g", "-mcpu=v3");
  }

  /** What is expected of a program: who it is, and after which actions the chain goes on. */
  private record Stands(String name, int who, int shift, List<Integer> goesOnAfter) {}

  private static final Stands ZERO = new Stands("zero", 1, 4, List.of(PASS, TX));
  private static final Stands FIRST = new Stands("first", 2, 0, List.of(PASS, DROP));

  private long order;
  private long sent;
  private long read;
  private final long[] ends = new long[4];
  private final List<Integer> back = new ArrayList<>();

  /** What becomes of a frame, and notes who runs. */
  private void expect(int target, List<Stands> chain) {
    int end = PASS;
    for (Stands each : chain) {
      order = order * 31 + each.who();
      int action = target >> each.shift() & 15;
      if (!each.goesOnAfter().contains(action)) {
        end = action;
        break;
      }
    }
    ends[end]++;
    if (end == TX) {
      back.add(target);
    }
  }

  private void sendAll(TestNetwork net, Forwarder forwarder, List<Stands> chain) throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      for (int one : ACTIONS) {
        for (int other : ACTIONS) {
          int target = one << 4 | other;
          expect(target, chain);
          net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3." + target, 64));
          sent++;
        }
      }
    }
    for (long i = read; i < ends[PASS]; i++) {
      net.wire(2).await();
      read++;
    }
    for (int target : back) {
      assertThat(Frames.destinationIp(net.wire(1).await())).isEqualTo("10.2.3." + target);
    }
    back.clear();
    ForwardBooks books = awaitEnds(forwarder);
    assertThat(books.dropped("xdp-aborted")).isEqualTo(ends[ABORTED]);
    assertThat(books.dropped("xdp-drop")).isEqualTo(ends[DROP]);
    assertThat(books.transmitted()).isEqualTo(ends[PASS] + ends[TX]);
    assertThat(forwarder.programs().list())
        .extracting(ProgramView::function)
        .isEqualTo(chain.stream().map(Stands::name).toList());
    byte[] ran =
        forwarder.maps().stream()
            .filter(map -> map.name().equals("order"))
            .findFirst()
            .orElseThrow()
            .map()
            .get(new byte[4]);
    assertThat(ByteBuffer.wrap(ran).order(ByteOrder.LITTLE_ENDIAN).getLong()).isEqualTo(order);
  }

  /** When all that was sent has ended somewhere. */
  private ForwardBooks awaitEnds(Forwarder forwarder) throws InterruptedException {
    long deadline = System.nanoTime() + 10_000_000_000L;
    ForwardBooks books = ForwarderTest.awaitReceived(forwarder, sent);
    while (books.inFlight() > 0 && System.nanoTime() < deadline) {
      Thread.sleep(1);
      books = forwarder.books();
    }
    return books;
  }

  @Test
  void theyRunByPriorityAndGoOnAsTheySayOrAsThePlanSays() throws Exception {
    TestNetwork net = new TestNetwork(2);
    ProgramPlan both = ProgramPlan.of("both", object, "p1").withChain("first", "zero");
    ForwarderPlan own = TestNetwork.with(net.plan(), both);
    try (Forwarder forwarder = Forwarder.start(own)) {
      sendAll(net, forwarder, List.of(ZERO, FIRST));
      assertThat(forwarder.programs().list().getFirst().runs())
          .isEqualTo(List.of(4L * ROUNDS, 4L * ROUNDS, 4L * ROUNDS, 4L * ROUNDS, 0L, 0L));
      assertThat(forwarder.programs().list().getLast().runs())
          .isEqualTo(List.of(2L * ROUNDS, 2L * ROUNDS, 2L * ROUNDS, 2L * ROUNDS, 0L, 0L));

      ProgramPlan other = both.withRunConfigs(Map.of("zero", "11,XDP_PASS", "first", "none"));
      forwarder.apply(TestNetwork.with(net.plan(), other));
      Stands last = new Stands("zero", 1, 4, List.of(PASS));
      sendAll(net, forwarder, List.of(new Stands("first", 2, 0, List.of()), last));

      ProgramPlan same = both.withRunConfigs(Map.of("zero", "7,none", "first", "7,XDP_TX"));
      forwarder.apply(TestNetwork.with(net.plan(), same));
      sendAll(
          net,
          forwarder,
          List.of(new Stands("first", 2, 0, List.of(TX)), new Stands("zero", 1, 4, List.of())));
      net.stop(forwarder);
    }
  }

  @Test
  void aRunConfigurationThatNobodyUnderstandsIsRefused() throws Exception {
    TestNetwork net = new TestNetwork(2);
    ProgramPlan wrong =
        ProgramPlan.of("both", object, "p1")
            .withChain("first", "zero")
            .withRunConfigs(Map.of("zero", "XDP_NEVER"));
    assertThatThrownBy(() -> Forwarder.start(TestNetwork.with(net.plan(), wrong)))
        .hasMessageContaining("the run configuration of zero, 'XDP_NEVER': 'XDP_NEVER' is neither");
  }
}
