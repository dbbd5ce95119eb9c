package org.xdp4j.engine.port.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.xdp4j.engine.linux.Errno;
import org.xdp4j.engine.linux.LinuxException;
import org.xdp4j.engine.linux.Syscalls;

/**
 * The kernel's side of one queue: a packet socket (packet(7)) and its ring, TPACKET_V3 of
 * linux/if_packet.h, in memory shared with the kernel.
 *
 * <pre>
 *  block   8 status   12 frames   16 offset of the first | frame | frame ...
 *  frame   0 offset of the next   12 kept   16 length   20 status   24 offset of the Ethernet
 *          header   32 tag   36 its protocol
 * </pre>
 */
final class PacketRing implements AutoCloseable {
  static final int BLOCK = 1 << 20;

  private static final int AF_PACKET = 17;
  private static final int SOCK_RAW = 3;
  private static final int SOL_SOCKET = 1;
  private static final int SO_ERROR = 4;
  private static final int SOL_PACKET = 263;
  private static final int ADD_MEMBERSHIP = 1;
  private static final int RX_RING = 5;
  private static final int STATISTICS = 6;
  private static final int VERSION = 10;
  private static final int VNET_HDR = 15;
  private static final int FANOUT = 18;
  private static final int QDISC_BYPASS = 20;
  private static final int IGNORE_OUTGOING = 23;
  private static final int TPACKET_V3 = 2;
  private static final int FANOUT_UNIQUE_ID = 0x2000;
  private static final short MR_PROMISC = 1;
  private static final short ALL = (short) 0x0300; // ETH_P_ALL in network byte order
  private static final int FRAME = 2048;

  /** Milliseconds after which a block that is not full is handed over. */
  private static final int RETIRE = 1;

  final int socket;
  final int blocks;
  final MemorySegment memory;
  private final PacketRingOptions options;
  private final Syscalls system;
  private final long address;
  private long drops;
  private long freezes;

  PacketRing(PacketRingOptions options, Syscalls system) throws LinuxException {
    this.options = options;
    this.system = system;
    this.blocks = options.blocks();
    int flags = SOCK_RAW | Syscalls.O_NONBLOCK | Syscalls.O_CLOEXEC;
    long made = system.socket(AF_PACKET, flags, 0);
    if (made == -Errno.EPERM) {
      throw new LinuxException("a packet socket takes CAP_NET_RAW", made);
    }
    socket = LinuxException.check("a packet socket", made);
    try {
      configure();
      address = system.mmap((long) BLOCK * blocks, Syscalls.MAP_SHARED, socket, 0);
      if (address < 0) {
        throw new LinuxException("its ring", address);
      }
    } catch (LinuxException e) {
      system.close(socket);
      throw e;
    }
    memory = MemorySegment.ofAddress(address).reinterpret((long) BLOCK * blocks);
  }

  private void configure() throws LinuxException {
    LinuxException.check("TPACKET_V3", set(VERSION, TPACKET_V3));
    if (options.offload()) {
      LinuxException.check("virtio-net headers", set(VNET_HDR, 1));
    }
    LinuxException.check("not to see what is sent", set(IGNORE_OUTGOING, 1));
    set(QDISC_BYPASS, 1); // slower without, and the same
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment request = arena.allocate(28, 4); // struct tpacket_req3
      request.set(JAVA_INT, 0, BLOCK);
      request.set(JAVA_INT, 4, blocks);
      request.set(JAVA_INT, 8, FRAME);
      request.set(JAVA_INT, 12, BLOCK / FRAME * blocks);
      request.set(JAVA_INT, 16, RETIRE);
      LinuxException.check(
          "a ring of " + blocks + " MiB", system.setsockopt(socket, SOL_PACKET, RX_RING, request));
    }
  }

  private long set(int option, int value) {
    return system.setsockopt(socket, SOL_PACKET, option, value);
  }

  /** Has frames of an interface come in. */
  void bind(int ifindex) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment to = arena.allocate(20, 4); // struct sockaddr_ll
      to.set(JAVA_SHORT, 0, (short) AF_PACKET);
      to.set(JAVA_SHORT, 2, ALL);
      to.set(JAVA_INT, 4, ifindex);
      LinuxException.check("its interface", system.bind(socket, to));
      // What became of an earlier interface is no error of this one.
      system.getsockopt(socket, SOL_SOCKET, SO_ERROR, arena.allocate(4, 4));
      if (options.promiscuous()) {
        MemorySegment membership = arena.allocate(16, 4); // struct packet_mreq
        membership.set(JAVA_INT, 0, ifindex);
        membership.set(JAVA_SHORT, 4, MR_PROMISC);
        LinuxException.check(
            "frames to other stations",
            system.setsockopt(socket, SOL_PACKET, ADD_MEMBERSHIP, membership));
      }
    }
  }

  /** Joins a group of sockets that share frames by flow; 0 founds one. Returns the group. */
  int join(int group) throws LinuxException {
    int how = group == 0 ? FANOUT_UNIQUE_ID << 16 : group;
    LinuxException.check("a share of the frames", set(FANOUT, how));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(4, 4);
      LinuxException.check(
          "a share of the frames", system.getsockopt(socket, SOL_PACKET, FANOUT, value));
      return value.get(JAVA_INT, 0) & 0xffff;
    }
  }

  /** Asks the kernel, which starts anew each time it is asked. */
  private void ask() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment statistics = arena.allocate(12, 4); // struct tpacket_stats_v3
      if (system.getsockopt(socket, SOL_PACKET, STATISTICS, statistics) >= 12) {
        drops += Integer.toUnsignedLong(statistics.get(JAVA_INT, 4));
        freezes += Integer.toUnsignedLong(statistics.get(JAVA_INT, 8));
      }
    }
  }

  /** Frames there was no room for in the ring. */
  synchronized long drops() {
    ask();
    return drops;
  }

  /** How often the ring was full. */
  synchronized long freezes() {
    ask();
    return freezes;
  }

  @Override
  public synchronized void close() {
    system.munmap(address, (long) BLOCK * blocks);
    system.close(socket);
  }
}
