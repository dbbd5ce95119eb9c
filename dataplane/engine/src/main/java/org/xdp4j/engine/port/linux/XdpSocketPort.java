package org.xdp4j.engine.port.linux;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.linux.BpfSystem;
import org.xdp4j.engine.linux.LinuxException;
import org.xdp4j.engine.linux.NetworkInterface;
import org.xdp4j.engine.linux.Syscalls;
import org.xdp4j.engine.port.PortException;
import org.xdp4j.engine.port.PortIdentity;

/**
 * Any interface, through XDP sockets (Linux's Documentation/networking/af_xdp.rst) in copy mode:
 * the fastest way in where the driver has none of its own. Frames come before the host's stack, and
 * do not reach it. A program of five instructions hands them over; it is attached through a link
 * that ends with this process, whatever becomes of it.
 *
 * <p>What an XDP program cannot see does not come either: that a sender left a checksum to the
 * device, as the other end of a veth pair does. It is recognised by the frame's bytes ({@link
 * org.xdp4j.engine.frame.PartialChecksum}).
 *
 * <p>Takes CAP_NET_RAW, CAP_NET_ADMIN and CAP_BPF.
 */
public final class XdpSocketPort extends LinkPort {
  private static final int CHUNK = 2048;

  private final NetworkInterface interfaces;
  private final Syscalls system;
  private final int map;
  private final int program;
  private final LinkWatch watch;
  private final List<XdpSocketQueue> queues = new ArrayList<>();
  private int link;
  private volatile int ifindex;

  private XdpSocketPort(
      PortIdentity identity,
      XdpSocketOptions options,
      Region region,
      NetworkInterface interfaces,
      Syscalls system)
      throws LinuxException {
    super(identity);
    this.interfaces = interfaces;
    this.system = system;
    BpfSystem bpf = new BpfSystem(system);
    ifindex =
        LinuxException.check("interface " + options.device(), interfaces.index(options.device()));
    int[] made = new int[3];
    int count = 0;
    try {
      made[count++] = bpf.createSocketMap(options.queues());
      made[count] = bpf.loadRedirect(made[0]);
      count++;
      made[count] = bpf.attach(made[1], ifindex);
      count++;
      for (int i = 0; i < options.queues(); i++) {
        probe(i);
      }
    } catch (LinuxException e) {
      for (int i = 0; i < count; i++) {
        system.close(made[i]);
      }
      throw e;
    }
    map = made[0];
    program = made[1];
    link = made[2];
    for (int i = 0; i < options.queues(); i++) {
      queues.add(new XdpSocketQueue(identity, this, i, region));
    }
    watch =
        new LinkWatch(
            options.device(),
            interfaces,
            LinkWatch.byName(options.device(), interfaces, this::attach));
  }

  /**
   * Opens them.
   *
   * @param region where frames are
   * @throws PortException when Linux refuses
   */
  public static XdpSocketPort open(PortIdentity identity, XdpSocketOptions options, Region region)
      throws PortException {
    Syscalls system = new Syscalls();
    NetworkInterface interfaces = null;
    try {
      interfaces = new NetworkInterface();
      return new XdpSocketPort(identity, options, region, interfaces, system);
    } catch (LinuxException e) {
      if (interfaces != null) {
        interfaces.close();
      }
      system.close();
      throw new PortException(identity.name(), e.getMessage());
    }
  }

  /** Finds out now what a worker would only find when it brings its frames. */
  private void probe(int queue) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      long memory = arena.allocate(4L * CHUNK, 4096).address();
      new XdpSocket(system, ifindex, queue, memory, 4L * CHUNK, CHUNK).close();
    }
  }

  /** Attaches to an interface that returned; the queues then open new sockets. */
  private void attach(int index) throws LinuxException {
    system.close(link);
    link = new BpfSystem(system).attach(program, index);
    ifindex = index;
  }

  /** The interface's index in the kernel, which changes when it returns. */
  int kernelIndex() {
    return ifindex;
  }

  /** Has a queue's frames go to its socket. */
  void put(Syscalls own, int queue, int socket) throws LinuxException {
    new BpfSystem(own).putSocket(map, queue, socket);
  }

  @Override
  protected List<XdpSocketQueue> all() {
    return queues;
  }

  /** The owner's pool is the socket's memory. */
  @Override
  public boolean ownersChange() {
    return false;
  }

  @Override
  LinkWatch watch() {
    return watch;
  }

  @Override
  public String problem() {
    String problem = super.problem();
    for (XdpSocketQueue queue : queues) {
      problem = problem == null ? queue.problem() : problem;
    }
    return problem;
  }

  @Override
  public Map<String, Long> kernelDropsByName() {
    long[] sums = new long[2];
    for (XdpSocketQueue queue : queues) {
      long[] one = queue.kernelDrops();
      sums[0] += one[0];
      sums[1] += one[1];
    }
    Map<String, Long> drops = new LinkedHashMap<>();
    drops.put("xdp-socket-no-buffer", sums[0]);
    drops.put("xdp-socket-ring-full", sums[1]);
    return drops;
  }

  @Override
  public void close() {
    watch.close();
    queues.forEach(XdpSocketQueue::close);
    system.close(link);
    system.close(program);
    system.close(map);
    interfaces.close();
    system.close();
  }
}
