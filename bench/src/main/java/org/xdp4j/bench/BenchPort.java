package org.xdp4j.bench;

import java.util.List;
import org.xdp4j.engine.plan.PortSettings;
import org.xdp4j.engine.port.AbstractPort;
import org.xdp4j.engine.port.PortIdentity;
import org.xdp4j.engine.port.PortQueue;

/** A port without a device. */
final class BenchPort extends AbstractPort {
  private static final int MTU = 1500;

  private final List<PortQueue> queues;

  BenchPort(PortSettings settings, PortQueue queue) {
    this(settings, List.of(queue));
  }

  BenchPort(PortSettings settings, List<? extends PortQueue> queues) {
    super(new PortIdentity(settings.name(), settings.ifindex(), settings.mac(), MTU));
    this.queues = List.copyOf(queues);
  }

  @Override
  protected List<PortQueue> all() {
    return queues;
  }
}
