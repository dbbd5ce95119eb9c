package org.xdp4j.engine.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The few calls of bpf(2) that it takes to have a kernel's frames handed to XDP sockets: a map of
 * sockets, a program, and the link that attaches it (linux/bpf.h). Whatever is made is a
 * descriptor, and ends with it: a process that dies leaves nothing attached.
 */
public final class BpfSystem {
  private static final int MAP_CREATE = 0;
  private static final int MAP_UPDATE_ELEM = 2;
  private static final int PROG_LOAD = 5;
  private static final int LINK_CREATE = 28;
  private static final int MAP_TYPE_XSKMAP = 17;
  private static final int PROG_TYPE_XDP = 6;
  private static final int ATTACH_TYPE_XDP = 37;
  private static final int ATTRIBUTES = 128;

  private final Syscalls system;

  /** Makes one. */
  public BpfSystem(Syscalls system) {
    this.system = system;
  }

  private long call(int command, MemorySegment attributes) {
    return system.call(Numbers.BPF, command, attributes.address(), ATTRIBUTES, 0, 0, 0);
  }

  /** A map from a receive queue's number to the socket that gets its frames. */
  public int createSocketMap(int queues) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attributes = arena.allocate(ATTRIBUTES, 8);
      attributes.set(JAVA_INT, 0, MAP_TYPE_XSKMAP);
      attributes.set(JAVA_INT, 4, 4); // key
      attributes.set(JAVA_INT, 8, 4); // value
      attributes.set(JAVA_INT, 12, queues);
      return LinuxException.check(
          "a map of XDP sockets (it takes CAP_BPF and CAP_NET_ADMIN)",
          call(MAP_CREATE, attributes));
    }
  }

  /** Has a queue's frames go to a socket. */
  public void putSocket(int map, int queue, int socket) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attributes = arena.allocate(ATTRIBUTES, 8);
      attributes.set(JAVA_INT, 0, map);
      attributes.set(JAVA_LONG, 8, arena.allocateFrom(JAVA_INT, queue).address());
      attributes.set(JAVA_LONG, 16, arena.allocateFrom(JAVA_INT, socket).address());
      LinuxException.check("an XDP socket's place in its map", call(MAP_UPDATE_ELEM, attributes));
    }
  }

  /**
   * Loads the program that hands every frame to its queue's socket, and to the host where there is
   * none:
   *
   * <pre>
   *   r2 = *(u32 *)(r1 + 16)      rx_queue_index of struct xdp_md
   *   r1 = map
   *   r3 = 2                      XDP_PASS
   *   call 51                     bpf_redirect_map
   *   exit
   * </pre>
   */
  public int loadRedirect(int map) throws LinuxException {
    long[] program = {
      0x0010_1261L, // r2 = *(u32 *)(r1 + 16)
      (long) map << 32 | 0x1118L, // r1 = the map with this descriptor, in two parts
      0,
      0x0002_0000_03b7L, // r3 = 2
      0x0033_0000_0085L, // call 51
      0x95L // exit
    };
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attributes = arena.allocate(ATTRIBUTES, 8);
      MemorySegment log = arena.allocate(4096, 8);
      attributes.set(JAVA_INT, 0, PROG_TYPE_XDP);
      attributes.set(JAVA_INT, 4, program.length);
      attributes.set(JAVA_LONG, 8, arena.allocateFrom(JAVA_LONG, program).address());
      attributes.set(JAVA_LONG, 16, arena.allocateFrom("Apache-2.0").address());
      attributes.set(JAVA_INT, 24, 1);
      attributes.set(JAVA_INT, 28, (int) log.byteSize());
      attributes.set(JAVA_LONG, 32, log.address());
      return LinuxException.check(
          "an XDP program (it takes CAP_BPF and CAP_NET_ADMIN)", call(PROG_LOAD, attributes));
    }
  }

  /** Attaches a program to an interface for as long as what is returned is open. */
  public int attach(int program, int ifindex) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attributes = arena.allocate(ATTRIBUTES, 8);
      attributes.set(JAVA_INT, 0, program);
      attributes.set(JAVA_INT, 4, ifindex);
      attributes.set(JAVA_INT, 8, ATTACH_TYPE_XDP);
      return LinuxException.check(
          "an XDP program's link to the interface, which may have another one",
          call(LINK_CREATE, attributes));
    }
  }
}
