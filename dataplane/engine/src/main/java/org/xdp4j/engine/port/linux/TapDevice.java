package org.xdp4j.engine.port.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.xdp4j.engine.linux.Errno;
import org.xdp4j.engine.linux.LinuxException;
import org.xdp4j.engine.linux.NetworkInterface;
import org.xdp4j.engine.linux.Syscalls;
import org.xdp4j.engine.port.PortState;

/**
 * The kernel's side of a tap (linux/if_tun.h): a descriptor a queue, which stays the same when the
 * interface is deleted and attached again.
 */
final class TapDevice implements AutoCloseable {
  private static final int TUNSETIFF = 0x4004_54ca;
  private static final int TUNGETIFF = 0x8004_54d2;
  private static final int TUNSETOFFLOAD = 0x4004_54d0;
  private static final int TUNSETVNETHDRSZ = 0x4004_54d8;
  private static final int IFF_TAP = 0x0002;
  private static final int IFF_MULTI_QUEUE = 0x0100;
  private static final int IFF_NO_PI = 0x1000;
  private static final int IFF_VNET_HDR = 0x4000;
  private static final int OFFLOAD_CSUM_TSO = 0x01 | 0x02 | 0x04 | 0x08; // CSUM, TSO4, TSO6, ECN
  private static final int OFFLOAD_USO = 0x20 | 0x40; // USO4, USO6: Linux 6.2 and later
  private static final int UNION = 16;

  private final TapOptions options;
  private final NetworkInterface interfaces;
  private final Syscalls system;
  private final int[] descriptors;

  /** Opens the descriptors and attaches them. */
  TapDevice(TapOptions options, NetworkInterface interfaces, Syscalls system)
      throws LinuxException {
    this.options = options;
    this.interfaces = interfaces;
    this.system = system;
    this.descriptors = new int[options.queues()];
    int opened = 0;
    try {
      for (; opened < descriptors.length; opened++) {
        int flags = Syscalls.O_RDWR | Syscalls.O_NONBLOCK | Syscalls.O_CLOEXEC;
        descriptors[opened] =
            LinuxException.check(options.path(), system.open(options.path(), flags));
      }
      attach();
    } catch (LinuxException e) {
      for (int i = 0; i < opened; i++) {
        system.close(descriptors[i]);
      }
      throw e;
    }
  }

  /** Attaches every descriptor to the interface, which is made when there is none. */
  void attach() throws LinuxException {
    for (int descriptor : descriptors) {
      attach(descriptor);
      if (options.offload()) {
        offload(descriptor);
      }
    }
    configure();
  }

  private void attach(int descriptor) throws LinuxException {
    int flags = IFF_TAP | IFF_NO_PI | (options.offload() ? IFF_VNET_HDR : 0);
    boolean many = descriptors.length > 1;
    long result = attach(descriptor, flags | (many ? IFF_MULTI_QUEUE : 0));
    if (result == -Errno.EINVAL && !many) {
      result = attach(descriptor, flags | IFF_MULTI_QUEUE); // made for several, used with one
    }
    if (result < 0) {
      throw new LinuxException(problem(result, many), result);
    }
  }

  private long attach(int descriptor, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment request = NetworkInterface.request(arena, options.device());
      request.set(JAVA_SHORT, UNION, (short) flags);
      return system.ioctl(descriptor, TUNSETIFF, request);
    }
  }

  private String problem(long result, boolean many) {
    String tap = "tap " + options.device() + " cannot be attached";
    return switch ((int) -result) {
      case Errno.EPERM, Errno.EACCES ->
          tap + ": making one takes CAP_NET_ADMIN, using one its owner's identity";
      case Errno.EINVAL ->
          tap + (many ? ": it is no tap with several queues (multi_queue)" : ": it is no tap");
      case Errno.EBUSY -> tap + ": another program has it";
      default -> tap;
    };
  }

  private void offload(int descriptor) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment size = arena.allocateFrom(JAVA_INT, VirtioHeader.SIZE);
      LinuxException.check("virtio-net headers", system.ioctl(descriptor, TUNSETVNETHDRSZ, size));
    }
    if (system.ioctl(descriptor, TUNSETOFFLOAD, OFFLOAD_CSUM_TSO | OFFLOAD_USO) < 0) {
      LinuxException.check(
          "segmentation offload", system.ioctl(descriptor, TUNSETOFFLOAD, OFFLOAD_CSUM_TSO));
    }
  }

  /**
   * How the interface is, wherever it is: it may have been moved to another namespace, where the
   * other end of a wire belongs. The first time it is seen to be back, it is attached.
   */
  PortState look() throws LinuxException {
    if (!attached()) {
      if (interfaces.index(options.device()) < 0) {
        return PortState.GONE;
      }
      attach();
    }
    // tun(4): can be written to while it is up, and is in error while it is deleted
    return system.isWritable(descriptors[0]) ? PortState.UP : PortState.DOWN;
  }

  private boolean attached() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment request = arena.allocate(NetworkInterface.IFREQ, 8);
      return system.ioctl(descriptors[0], TUNGETIFF, request) >= 0;
    }
  }

  /** Sets what differs, so that nothing is asked for that is so already. */
  private void configure() throws LinuxException {
    String name = options.device();
    if (options.hostMac() != 0 && interfaces.mac(name) != options.hostMac()) {
      interfaces.setMac(name, options.hostMac());
    }
    if (options.mtu() != 0 && interfaces.mtu(name) != options.mtu()) {
      interfaces.setMtu(name, options.mtu());
    }
    if (options.queueLength() != 0 && interfaces.queueLength(name) != options.queueLength()) {
      interfaces.setQueueLength(name, options.queueLength());
    }
    if (options.up() && !interfaces.isUp(name)) {
      interfaces.setUp(name, true);
    }
  }

  int descriptor(int queue) {
    return descriptors[queue];
  }

  @Override
  public void close() {
    for (int descriptor : descriptors) {
      system.close(descriptor);
    }
  }
}
