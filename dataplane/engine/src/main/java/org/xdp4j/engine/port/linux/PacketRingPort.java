package org.xdp4j.engine.port.linux;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.linux.LinuxException;
import org.xdp4j.engine.linux.NetworkInterface;
import org.xdp4j.engine.linux.Syscalls;
import org.xdp4j.engine.port.PortException;
import org.xdp4j.engine.port.PortIdentity;

/**
 * Any interface, through packet sockets with rings: frames come in without a system call, and go
 * out many in one. The host's own stack gets the frames as well, so the interface should have no
 * addresses there.
 *
 * <p>A frame may wait a millisecond until the kernel hands over the block it is in. What the ring
 * had no room for is counted ({@code packet-ring-full}). Takes CAP_NET_RAW.
 */
public final class PacketRingPort extends LinkPort {
  private final NetworkInterface interfaces;
  private final Syscalls system;
  private final List<PacketRing> rings;
  private final List<PacketRingQueue> queues = new ArrayList<>();
  private final LinkWatch watch;
  private final boolean offload;

  private PacketRingPort(
      PortIdentity identity,
      PacketRingOptions options,
      Region region,
      NetworkInterface interfaces,
      Syscalls system,
      List<PacketRing> rings) {
    super(identity);
    this.offload = options.offload();
    this.interfaces = interfaces;
    this.system = system;
    this.rings = rings;
    this.watch =
        new LinkWatch(
            options.device(),
            interfaces,
            LinkWatch.byName(options.device(), interfaces, this::bind));
    for (PacketRing ring : rings) {
      queues.add(new PacketRingQueue(identity.ifindex(), ring, options.offload(), region));
    }
  }

  /**
   * Opens the sockets.
   *
   * @param region where frames are
   * @throws PortException when Linux refuses
   */
  public static PacketRingPort open(PortIdentity identity, PacketRingOptions options, Region region)
      throws PortException {
    Syscalls system = new Syscalls();
    List<PacketRing> rings = new ArrayList<>();
    NetworkInterface interfaces = null;
    try {
      interfaces = new NetworkInterface();
      int ifindex =
          LinuxException.check("interface " + options.device(), interfaces.index(options.device()));
      int group = 0;
      for (int i = 0; i < options.queues(); i++) {
        PacketRing ring = new PacketRing(options, system);
        rings.add(ring);
        ring.bind(ifindex);
        group = options.queues() > 1 ? ring.join(group) : 0;
      }
      return new PacketRingPort(identity, options, region, interfaces, system, rings);
    } catch (LinuxException e) {
      rings.forEach(PacketRing::close);
      if (interfaces != null) {
        interfaces.close();
      }
      system.close();
      throw new PortException(identity.name(), e.getMessage());
    }
  }

  private void bind(int ifindex) throws LinuxException {
    for (PacketRing ring : rings) {
      ring.bind(ifindex);
    }
  }

  @Override
  protected List<PacketRingQueue> all() {
    return queues;
  }

  @Override
  public boolean offloads() {
    return offload;
  }

  @Override
  LinkWatch watch() {
    return watch;
  }

  @Override
  public Map<String, Long> kernelDropsByName() {
    return Map.of("packet-ring-full", rings.stream().mapToLong(PacketRing::drops).sum());
  }

  @Override
  public void close() {
    watch.close();
    queues.forEach(PacketRingQueue::close);
    rings.forEach(PacketRing::close);
    interfaces.close();
    system.close();
  }
}
