package org.xdp4j.engine.port.linux;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.linux.LinkCounters;
import org.xdp4j.engine.linux.LinuxException;
import org.xdp4j.engine.linux.NetworkInterface;
import org.xdp4j.engine.linux.Syscalls;
import org.xdp4j.engine.port.PortException;
import org.xdp4j.engine.port.PortIdentity;

/**
 * A tap (Linux's Documentation/networking/tuntap.rst): a wire whose other end is an interface of
 * the host. Making one takes CAP_NET_ADMIN; one made beforehand for a user ({@code ip tuntap add
 * mode tap user NAME}) can be used by that user without any privilege, as long as it need not be
 * configured: it is up, and has its MTU and hardware address.
 *
 * <p>An interface that is taken down or deleted while the port runs loses frames sent to it, each
 * counted ({@link org.xdp4j.engine.port.PortCounters#txErrors}). When an interface of that name
 * returns, the same descriptors are attached to it. One that is moved to another network namespace
 * stays attached.
 */
public final class TapPort extends LinkPort {
  private final TapDevice device;
  private final Syscalls system;
  private final NetworkInterface interfaces;
  private final LinkCounters kernel;
  private final LinkWatch watch;
  private final boolean offload;
  private final List<TapQueue> queues;
  private final String name;

  /** What the kernel counted when last asked; it begins again with an interface that returns. */
  private long seenDrops;

  private long drops;
  private boolean closed;

  private TapPort(
      PortIdentity identity,
      TapOptions options,
      Region region,
      TapDevice device,
      NetworkInterface interfaces,
      LinkCounters kernel,
      Syscalls system) {
    super(identity);
    this.kernel = kernel;
    this.offload = options.offload();
    this.device = device;
    this.system = system;
    this.interfaces = interfaces;
    this.name = options.device();
    this.seenDrops = kernel.sendDrops(interfaces.index(name));
    this.watch = new LinkWatch(options.device(), interfaces, device::look);
    this.queues =
        IntStream.range(0, options.queues())
            .mapToObj(
                i -> new TapQueue(identity, options, device.descriptor(i), region, watch::state))
            .toList();
  }

  /**
   * Makes a tap, or attaches to one that is there.
   *
   * @param region where frames are
   * @throws PortException when Linux refuses
   */
  public static TapPort open(PortIdentity identity, TapOptions options, Region region)
      throws PortException {
    Deque<Runnable> opened = new ArrayDeque<>();
    try {
      Syscalls system = new Syscalls();
      opened.push(system::close);
      NetworkInterface interfaces = new NetworkInterface();
      opened.push(interfaces::close);
      LinkCounters kernel = new LinkCounters();
      opened.push(kernel::close);
      TapDevice device = new TapDevice(options, interfaces, system);
      opened.push(device::close);
      return new TapPort(identity, options, region, device, interfaces, kernel, system);
    } catch (LinuxException e) {
      opened.forEach(Runnable::run);
      throw new PortException(identity.name(), e.getMessage());
    } catch (RuntimeException e) {
      opened.forEach(Runnable::run);
      throw e;
    }
  }

  @Override
  protected List<TapQueue> all() {
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

  /** Frames that found the device's queue full ({@code txqueuelen}): read too seldom. */
  @Override
  public synchronized Map<String, Long> kernelDropsByName() {
    long now = closed ? 0 : kernel.sendDrops(interfaces.index(name));
    if (now != 0) {
      drops += now < seenDrops ? now : now - seenDrops;
      seenDrops = now;
    }
    return Map.of("queue-full", drops);
  }

  @Override
  public void close() {
    kernelDropsByName();
    synchronized (this) {
      closed = true;
    }
    watch.close();
    queues.forEach(TapQueue::close);
    device.close();
    kernel.close();
    interfaces.close();
    system.close();
  }
}
