package org.xdp4j.bench;

import java.util.List;
import org.xdp4j.engine.plan.PortSettings;
import org.xdp4j.engine.port.AbstractPort;
import org.xdp4j.engine.port.PortIdentity;
import org.xdp4j.engine.port.PortQueue;

/** A port of one queue and without a device. */
final class BenchPort extends AbstractPort {
  private static final int MTU = 1500;

  private final List<PortQueue> queues;

  BenchPort(PortSettings settings, PortQueue queue) {
    super(new PortIdentity(settings.name(), settings.ifindex(), settings.mac(), MTU));
    queues = List.of(queue);
  }

  @Override
  protected List<PortQueue> all() {
    return queues;
  }
}
