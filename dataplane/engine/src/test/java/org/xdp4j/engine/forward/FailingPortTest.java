package org.xdp4j.engine.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xdp4j.engine.forward.TestNetwork.datagram;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.plan.PortSettings;
import org.xdp4j.engine.port.AbstractPort;
import org.xdp4j.engine.port.PlainQueue;
import org.xdp4j.engine.port.PortIdentity;
import org.xdp4j.engine.port.PortQueue;

/** What a port took and could not send was not transmitted, and not punted either. */
class FailingPortTest {
  /** Takes every frame and sends none. */
  private static final class FailingPort extends AbstractPort {
    private final PortQueue queue = new FailingQueue();

    FailingPort(PortIdentity identity) {
      super(identity);
    }

    @Override
    protected List<? extends PortQueue> all() {
      return List.of(queue);
    }
  }

  private static final class FailingQueue extends PlainQueue {
    @Override
    public int receive(FramePool pool, Frame[] into, int max) {
      return 0;
    }

    @Override
    public int transmit(FramePool pool, Frame[] frames, int count) {
      for (int i = 0; i < count; i++) {
        pool.release(frames[i]);
      }
      counters().txError(count);
      return count;
    }
  }

  private static PortPlan failing(String name) {
    return new PortPlan.Custom(
        PortSettings.of(name),
        (settings, queues, region) ->
            new FailingPort(
                new PortIdentity(name, settings.ifindex(), settings.mac(), settings.mtu())));
  }

  private static List<PortPlan> replaced(TestNetwork net, String name) {
    List<PortPlan> ports = new ArrayList<>(net.plan().ports());
    ports.removeIf(port -> port.name().equals(name));
    ports.add(failing(name));
    return ports;
  }

  @Test
  void whatCannotBeSentIsADrop() throws Exception {
    TestNetwork net = new TestNetwork(2);
    try (Forwarder forwarder = Forwarder.start(net.plan().withPorts(replaced(net, "p2")))) {
      for (int i = 0; i < 10; i++) {
        net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
      }
      ForwardBooks books = ForwarderTest.awaitReceived(forwarder, 10);
      assertThat(books.transmitted()).isZero();
      assertThat(books.dropped("transmit-failed")).isEqualTo(10);
      forwarder.apply(net.plan());
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
      net.wire(2).await();
      books = forwarder.stop();
      assertThat(books.transmitted()).isEqualTo(1);
      assertThat(books.dropped("transmit-failed")).isEqualTo(10);
    }
  }

  @Test
  void aPuntThatCannotBeSentIsADropAndNoPunt() throws Exception {
    TestNetwork net = new TestNetwork(2);
    List<PortPlan> ports = replaced(net, "host");
    try (Forwarder forwarder = Forwarder.start(net.plan().withPorts(ports).withPunt("host"))) {
      for (int i = 0; i < 5; i++) {
        net.wire(1).send(datagram(1, "10.0.1.2", "10.0.1.1", 64));
      }
      net.wire(1).send(datagram(1, "10.0.1.2", "10.2.3.4", 64));
      net.wire(2).await();
      ForwardBooks books = ForwarderTest.awaitReceived(forwarder, 6);
      assertThat(books.punted()).isZero();
      assertThat(books.transmitted() + books.inFlight()).as("sent, or about to be").isEqualTo(1);
      assertThat(books.dropped("transmit-failed")).isEqualTo(5);
      forwarder.apply(net.plan());
      books = net.stop(forwarder);
      assertThat(books.punted()).isZero();
      assertThat(books.transmitted()).isEqualTo(1);
      assertThat(books.dropped("transmit-failed")).isEqualTo(5);
    }
  }
}
