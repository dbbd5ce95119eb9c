package org.xdp4j.engine.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.InterfacePlan;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.plan.PortSettings;
import org.xdp4j.engine.plan.WorkerPlan;
import org.xdp4j.engine.port.AbstractPort;
import org.xdp4j.engine.port.PlainQueue;
import org.xdp4j.engine.port.PortIdentity;
import org.xdp4j.engine.port.PortQueue;
import org.xdp4j.net.stack.ReversePath;

/** Hosts do not go on sending to a router that left (RFC 4861, section 6.2.5). */
class FarewellTest {
  private static final int ICMPV6 = 58;
  private static final int ADVERTISEMENT = 134;
  private static final int TYPE = Frames.ETHERNET + 40;
  private static final int LIFETIME = TYPE + 6;

  /** The lifetimes in router advertisements that left, by port. */
  private final Map<String, Queue<Integer>> lifetimes = new ConcurrentHashMap<>();

  /** Sends all there is at once, as a device does. */
  private final class Device extends AbstractPort {
    private final List<PortQueue> queues;

    Device(PortIdentity identity, int count, Region region) {
      super(identity);
      queues =
          IntStream.range(0, count)
              .<PortQueue>mapToObj(i -> new DeviceQueue(identity.name(), region))
              .toList();
    }

    @Override
    protected List<? extends PortQueue> all() {
      return queues;
    }
  }

  private final class DeviceQueue extends PlainQueue {
    private final String port;
    private final Region region;

    DeviceQueue(String port, Region region) {
      this.port = port;
      this.region = region;
    }

    @Override
    public int receive(FramePool pool, Frame[] into, int max) {
      return 0;
    }

    @Override
    public int transmit(FramePool pool, Frame[] frames, int count) {
      long bytes = 0;
      for (int i = 0; i < count; i++) {
        int length = frames[i].length();
        saw(region.segment().asSlice(frames[i].data, length).toArray(Region.BYTE));
        bytes += length;
        pool.release(frames[i]);
      }
      counters().sent(count, bytes);
      return count;
    }

    private void saw(byte[] frame) {
      boolean isIcmp = frame[12] == (byte) 0x86 && frame[Frames.ETHERNET + 6] == ICMPV6;
      if (isIcmp && (frame[TYPE] & 0xff) == ADVERTISEMENT) {
        lifetimes.get(port).add((frame[LIFETIME] & 0xff) << 8 | frame[LIFETIME + 1] & 0xff);
      }
    }
  }

  private PortPlan port(String name) {
    lifetimes.put(name, new ConcurrentLinkedQueue<>());
    return new PortPlan.Custom(
        PortSettings.of(name),
        (settings, queues, region) ->
            new Device(
                new PortIdentity(name, settings.ifindex(), settings.mac(), settings.mtu()),
                queues,
                region));
  }

  private static InterfacePlan advertising(String name, String address) {
    return InterfacePlan.of(name, name, address)
        .withOptions(
            new InterfacePlan.Options(
                true, false, false, true, true, false, false, ReversePath.OFF, 0, 0));
  }

  private void await(String port, Integer... expected) {
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (lifetimes.get(port).size() < expected.length && System.nanoTime() < deadline) {
      LockSupport.parkNanos(100_000);
    }
    assertThat(lifetimes.get(port)).as(port).containsExactly(expected);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void hostsAreToldOfInterfacesAndPortsThatLeave(int workers) throws Exception {
    ForwarderPlan all =
        ForwarderPlan.empty()
            .withWorkers(WorkerPlan.of(workers))
            .withPorts(List.of(port("p1"), port("p2"), port("p3")))
            .withInterfaces(
                List.of(
                    advertising("p1", "fd00:1::1/64"),
                    advertising("p2", "fd00:2::1/64"),
                    advertising("p3", "fd00:3::1/64")));
    try (Forwarder forwarder = Forwarder.start(all)) {
      for (String port : lifetimes.keySet()) {
        await(port, 1800);
      }
      // Of the third also the port goes, with the same change.
      forwarder.apply(
          all.withPorts(all.ports().subList(0, 2)).withInterfaces(all.interfaces().subList(0, 2)));
      await("p3", 1800, 0);
      ForwardBooks books = forwarder.stop();
      assertThat(books.difference()).as(books.toString()).isZero();
      assertThat(books.dropped()).as(books.toString()).isZero();
      await("p1", 1800, 0);
      await("p2", 1800, 0);
    }
  }
}
