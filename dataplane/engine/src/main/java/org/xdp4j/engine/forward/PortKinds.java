package org.xdp4j.engine.forward;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.linux.NetworkInterface;
import org.xdp4j.engine.linux.NetworkNamespace;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.port.CaptureInPort;
import org.xdp4j.engine.port.CaptureOutPort;
import org.xdp4j.engine.port.FaultPort;
import org.xdp4j.engine.port.Faults;
import org.xdp4j.engine.port.GeneratorPort;
import org.xdp4j.engine.port.LoopbackPort;
import org.xdp4j.engine.port.NullPort;
import org.xdp4j.engine.port.Port;
import org.xdp4j.engine.port.PortIdentity;
import org.xdp4j.engine.port.Rotation;
import org.xdp4j.engine.port.linux.PacketRingOptions;
import org.xdp4j.engine.port.linux.PacketRingPort;
import org.xdp4j.engine.port.linux.TapOptions;
import org.xdp4j.engine.port.linux.TapPort;
import org.xdp4j.engine.port.linux.XdpSocketOptions;
import org.xdp4j.engine.port.linux.XdpSocketPort;
import org.xdp4j.engine.port.pcap.PcapOptions;
import org.xdp4j.engine.port.pcap.PcapPort;

/** From each kind of port in a plan to the port itself. */
final class PortKinds {
  private static final int MIN_MTU = 68; // RFC 791, section 3.2

  private PortKinds() {}

  /** Opens a port of any kind that is one by itself. */
  static Port open(PortPlan plan, PortIdentity identity, int queues, Region region)
      throws IOException {
    String device = device(plan);
    int slash = device.indexOf('/');
    if (slash < 0) {
      return openHere(plan, identity, queues, region);
    }
    PortPlan there = withDevice(plan, device.substring(slash + 1));
    return NetworkNamespace.in(
        device.substring(0, slash), () -> openHere(there, identity, queues, region));
  }

  /** The interface a port is of, perhaps with its network namespace and a slash before it. */
  private static String device(PortPlan plan) {
    return switch (plan) {
      case PortPlan.Tap tap -> tap.device();
      case PortPlan.Live live -> live.device();
      case PortPlan.PacketRing ring -> ring.device();
      case PortPlan.AfXdp xdp -> xdp.device();
      default -> "";
    };
  }

  private static PortPlan withDevice(PortPlan plan, String device) {
    return switch (plan) {
      case PortPlan.Tap tap ->
          new PortPlan.Tap(tap.settings(), device, tap.offload(), tap.queueLength());
      case PortPlan.Live live ->
          new PortPlan.Live(live.settings(), device, live.filter(), live.promiscuous());
      case PortPlan.PacketRing ring -> new PortPlan.PacketRing(ring.settings(), device);
      case PortPlan.AfXdp xdp -> new PortPlan.AfXdp(xdp.settings(), device);
      default -> plan;
    };
  }

  private static Port openHere(PortPlan plan, PortIdentity identity, int queues, Region region)
      throws IOException {
    return switch (plan) {
      case PortPlan.Null ignored -> new NullPort(identity, queues);
      case PortPlan.Generator made -> new GeneratorPort(identity, queues, made.options(), region);
      case PortPlan.CaptureInput in ->
          CaptureInPort.open(identity, in.files(), in.repeat(), in.pace(), region);
      case PortPlan.CaptureOutput out ->
          CaptureOutPort.create(identity, out.file(), rotation(out), region);
      case PortPlan.Tap tap ->
          TapPort.open(
              identity,
              TapOptions.of(tap.device())
                  .withQueues(queues)
                  .withOffload(tap.offload())
                  .withQueueLength(tap.queueLength())
                  .withLink(tap.settings().mtu(), 0),
              region);
      case PortPlan.PacketRing ring ->
          PacketRingPort.open(
              ofDevice(plan, identity, ring.device()),
              PacketRingOptions.of(ring.device()).withQueues(queues),
              region);
      case PortPlan.AfXdp xdp ->
          XdpSocketPort.open(
              ofDevice(plan, identity, xdp.device()),
              new XdpSocketOptions(xdp.device(), Math.max(1, plan.settings().queues())),
              region);
      case PortPlan.Live live ->
          PcapPort.open(
              ofDevice(plan, identity, live.device()),
              PcapOptions.of(live.device())
                  .withFilter(live.filter())
                  .withPromiscuous(live.promiscuous()),
              region);
      case PortPlan.Fault fault -> {
        Faults faults = faults(fault.faults());
        Port inner = open(fault.inner(), identity, queues, region);
        yield new FaultPort(inner, faults, faults, fault.faults().seed(), region);
      }
      default ->
          throw new IOException(
              "a port of kind "
                  + plan.getClass().getSimpleName()
                  + " cannot stand behind one with faults");
    };
  }

  private static Rotation rotation(PortPlan.CaptureOutput out) {
    Duration after = out.rotateAfter() == null ? Duration.ZERO : out.rotateAfter();
    return new Rotation(out.rotateBytes(), after, 0, out.keep());
  }

  /** The line's jitter comes on top of its delay; a plan's is part of it. */
  private static Faults faults(PortPlan.Faults plan) {
    long delay = plan.delay() == null ? 0 : plan.delay().toNanos();
    long jitter = plan.jitter() == null ? 0 : plan.jitter().toNanos();
    return new Faults(
        plan.loss(),
        plan.duplicate(),
        plan.corrupt(),
        plan.reorder(),
        Math.max(0, delay - jitter),
        Math.min(delay, jitter));
  }

  /** What the plan leaves to the device, which is as the device has it. */
  private static PortIdentity ofDevice(PortPlan plan, PortIdentity identity, String device) {
    if (!System.getProperty("os.name").equals("Linux")) {
      return identity;
    }
    try (NetworkInterface interfaces = new NetworkInterface()) {
      long mac = plan.settings().mac() != 0 ? identity.mac() : interfaces.mac(device);
      long mtu = plan.settings().mtu() != 0 ? identity.mtu() : interfaces.mtu(device);
      return mac <= 0 || mtu < MIN_MTU
          ? identity
          : new PortIdentity(identity.name(), identity.ifindex(), mac, (int) mtu);
    } catch (IOException e) {
      return identity; // opening the port will say what is wrong
    }
  }

  /** Makes a wire's two ends. */
  static List<Port> loopback(
      PortIdentity a, PortIdentity b, int queues, int capacity, Region region) {
    LoopbackPort.Pair pair = LoopbackPort.pair(a, b, queues, capacity, region);
    return List.of(pair.a(), pair.b());
  }
}
