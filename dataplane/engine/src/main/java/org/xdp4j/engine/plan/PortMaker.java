package org.xdp4j.engine.plan;

import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.port.Port;

/** Makes a port for an embedding program. */
@FunctionalInterface
public interface PortMaker {
  /**
   * Makes it, when a plan that has it is applied.
   *
   * @param settings as in the plan, but with the interface index it really gets
   * @param queues how many queues it should have
   * @param region where frames are
   * @throws java.io.IOException with a reason fit to be shown
   */
  Port make(PortSettings settings, int queues, Region region) throws java.io.IOException;
}
