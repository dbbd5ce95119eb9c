package org.xdp4j.engine.forward;

import java.io.IOException;
import java.util.List;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.port.CaptureInPort;
import org.xdp4j.engine.port.CaptureOutPort;
import org.xdp4j.engine.port.GeneratorPort;
import org.xdp4j.engine.port.LoopbackPort;
import org.xdp4j.engine.port.NullPort;
import org.xdp4j.engine.port.Port;
import org.xdp4j.engine.port.PortIdentity;

/** From each kind of port in a plan to the port itself. */
final class PortKinds {
  private PortKinds() {}

  /** Opens a port of any kind that is one by itself. */
  static Port open(PortPlan plan, PortIdentity identity, int queues, Region region)
      throws IOException {
    return switch (plan) {
      case PortPlan.Null ignored -> new NullPort(identity, queues);
      case PortPlan.Generator made -> new GeneratorPort(identity, queues, made.options(), region);
      case PortPlan.CaptureInput in ->
          CaptureInPort.open(identity, in.files(), in.repeat(), in.pace(), region);
      case PortPlan.CaptureOutput out -> CaptureOutPort.create(identity, out.file(), region);
      default ->
          throw new IOException(
              "ports of kind " + plan.getClass().getSimpleName() + " are not there yet");
    };
  }

  /** Makes a wire's two ends. */
  static List<Port> loopback(
      PortIdentity a, PortIdentity b, int queues, int capacity, Region region) {
    LoopbackPort.Pair pair = LoopbackPort.pair(a, b, queues, capacity, region);
    return List.of(pair.a(), pair.b());
  }
}
