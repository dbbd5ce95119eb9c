package org.xdp4j.engine.forward;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.port.AbstractPort;
import org.xdp4j.engine.port.Port;
import org.xdp4j.engine.port.PortCounters;
import org.xdp4j.engine.port.PortIdentity;
import org.xdp4j.engine.port.PortQueue;

/** Another port with something about it that is not its own. */
final class WrappedPort extends AbstractPort {
  private final Port port;
  private final boolean ownersChange;
  private final List<PortQueue> queues;

  WrappedPort(Port port, boolean ownersChange, UnaryOperator<PortQueue> queue) {
    super(new PortIdentity(port.name(), port.ifindex(), port.mac(), port.mtu()));
    this.port = port;
    this.ownersChange = ownersChange;
    this.queues = IntStream.range(0, port.queues()).mapToObj(port::queue).map(queue).toList();
  }

  /** A wire whose queues stay with those who own them first, as XDP sockets do. */
  static PortPlan staying(TestWire wire) {
    return plan(wire, port -> new WrappedPort(port, false, UnaryOperator.identity()));
  }

  /** A wire of which one queue is behind a gate. */
  static PortPlan gated(TestWire wire, int queue, Gate gate) {
    return plan(
        wire,
        port -> {
          PortQueue held = port.queue(queue);
          return new WrappedPort(
              port, true, each -> each == held ? new GatedQueue(each, gate) : each);
        });
  }

  private static PortPlan plan(TestWire wire, UnaryOperator<Port> wrapper) {
    return new PortPlan.Custom(
        wire.plan().settings(),
        (settings, wanted, region) -> wrapper.apply(wire.make(settings, wanted, region)));
  }

  @Override
  protected List<PortQueue> all() {
    return queues;
  }

  @Override
  public boolean ownersChange() {
    return ownersChange;
  }

  @Override
  public void close() {
    port.close();
  }

  /** Holds up whoever receives from it, from the time it is shut until it is opened. */
  static final class Gate implements AutoCloseable {
    private final AtomicBoolean shut = new AtomicBoolean();
    private final CountDownLatch open = new CountDownLatch(1);
    private final CountDownLatch there = new CountDownLatch(1);

    void shut() {
      shut.set(true);
    }

    /** Waits until somebody is held up. */
    void awaitSomebody() throws InterruptedException {
      there.await();
    }

    void open() {
      shut.set(false);
      open.countDown();
    }

    @Override
    public void close() {
      open();
    }

    private void pass() {
      if (shut.get()) {
        there.countDown();
        try {
          open.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  /** A queue behind a gate. */
  record GatedQueue(PortQueue queue, Gate gate) implements PortQueue {
    @Override
    public int receive(FramePool pool, Frame[] into, int max) {
      gate.pass();
      return queue.receive(pool, into, max);
    }

    @Override
    public int transmit(FramePool pool, Frame[] frames, int count) {
      return queue.transmit(pool, frames, count);
    }

    @Override
    public int poll(FramePool pool) {
      return queue.poll(pool);
    }

    @Override
    public int inFlight() {
      return queue.inFlight();
    }

    @Override
    public int descriptor() {
      return queue.descriptor();
    }

    @Override
    public PortCounters counters() {
      return queue.counters();
    }

    @Override
    public void drain(FramePool pool) {
      queue.drain(pool);
    }
  }
}
