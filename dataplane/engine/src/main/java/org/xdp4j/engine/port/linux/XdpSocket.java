package org.xdp4j.engine.port.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.xdp4j.engine.linux.Errno;
import org.xdp4j.engine.linux.LinuxException;
import org.xdp4j.engine.linux.Syscalls;

/**
 * The kernel's side of one queue: an XDP socket (linux/if_xdp.h), copy mode, over memory that
 * frames are in already. Buffers begin anywhere in it (unaligned chunks) and have {@code chunk}
 * bytes; the kernel leaves the first 256 free, as a frame's headroom is here.
 *
 * <pre>
 *   fill         buffers for frames to come     -> kernel -> rx            frames that came
 *   tx           frames to be sent              -> kernel -> completion    frames that are sent
 * </pre>
 */
final class XdpSocket implements AutoCloseable {
  static final int SIZE = 2048;

  private static final int AF_XDP = 44;
  private static final int SOCK_RAW = 3;
  private static final int SOL_XDP = 283;
  private static final int MMAP_OFFSETS = 1;
  private static final int RX_RING = 2;
  private static final int TX_RING = 3;
  private static final int UMEM_REG = 4;
  private static final int UMEM_FILL_RING = 5;
  private static final int UMEM_COMPLETION_RING = 6;
  private static final int STATISTICS = 7;
  private static final int UNALIGNED_CHUNKS = 1;
  private static final short COPY = 1 << 1;
  private static final long PGOFF_TX = 0x8000_0000L;
  private static final long PGOFF_FILL = 0x1_0000_0000L;
  private static final long PGOFF_COMPLETION = 0x1_8000_0000L;
  private static final int OFFSETS = 32; // producer, consumer, descriptors, flags
  private static final int DESCRIPTOR = 16;
  private static final int PAGE = 4096;

  final int descriptor;
  final XdpRing rx;
  final XdpRing tx;
  final XdpRing fill;
  final XdpRing completion;
  private final Syscalls system;

  /**
   * Opens one.
   *
   * @param address of the memory, a multiple of a page
   * @param length of it
   */
  XdpSocket(Syscalls system, int ifindex, int queue, long address, long length, int chunk)
      throws LinuxException {
    this.system = system;
    int flags = SOCK_RAW | Syscalls.O_NONBLOCK | Syscalls.O_CLOEXEC;
    long made = system.socket(AF_XDP, flags, 0);
    if (made == -Errno.EPERM) {
      throw new LinuxException("an XDP socket takes CAP_NET_RAW", made);
    }
    descriptor = LinuxException.check("an XDP socket", made);
    XdpRing[] rings = new XdpRing[4];
    try (Arena arena = Arena.ofConfined()) {
      register(arena, address, length, chunk);
      for (int option : new int[] {UMEM_FILL_RING, UMEM_COMPLETION_RING, RX_RING, TX_RING}) {
        LinuxException.check("its rings", system.setsockopt(descriptor, SOL_XDP, option, SIZE));
      }
      MemorySegment offsets = arena.allocate(4L * OFFSETS, 8);
      LinuxException.check(
          "its rings", system.getsockopt(descriptor, SOL_XDP, MMAP_OFFSETS, offsets));
      rings[0] = map(offsets, 0, 0, DESCRIPTOR);
      rings[1] = map(offsets, 1, PGOFF_TX, DESCRIPTOR);
      rings[2] = map(offsets, 2, PGOFF_FILL, Long.BYTES);
      rings[3] = map(offsets, 3, PGOFF_COMPLETION, Long.BYTES);
      bind(arena, ifindex, queue);
    } catch (LinuxException e) {
      unmap(rings);
      system.close(descriptor);
      throw e;
    }
    rx = rings[0];
    tx = rings[1];
    fill = rings[2];
    completion = rings[3];
  }

  private void register(Arena arena, long address, long length, int chunk) throws LinuxException {
    MemorySegment registration = arena.allocate(32, 8); // struct xdp_umem_reg
    registration.set(JAVA_LONG, 0, address);
    registration.set(JAVA_LONG, 8, length);
    registration.set(JAVA_INT, 16, chunk);
    registration.set(JAVA_INT, 24, UNALIGNED_CHUNKS);
    LinuxException.check(
        "its memory", system.setsockopt(descriptor, SOL_XDP, UMEM_REG, registration));
  }

  private XdpRing map(MemorySegment offsets, int which, long page, int entry)
      throws LinuxException {
    long at = (long) OFFSETS * which;
    long descriptors = offsets.get(JAVA_LONG, at + 16);
    long length = descriptors + (long) SIZE * entry;
    int flags = Syscalls.MAP_SHARED | Syscalls.MAP_POPULATE;
    long address = system.mmap(length, flags, descriptor, page);
    if (address < 0) {
      throw new LinuxException("its rings", address);
    }
    return new XdpRing(
        address,
        length,
        offsets.get(JAVA_LONG, at),
        offsets.get(JAVA_LONG, at + 8),
        descriptors,
        SIZE);
  }

  private void bind(Arena arena, int ifindex, int queue) throws LinuxException {
    MemorySegment to = arena.allocate(16, 4); // struct sockaddr_xdp
    to.set(JAVA_SHORT, 0, (short) AF_XDP);
    to.set(JAVA_SHORT, 2, COPY);
    to.set(JAVA_INT, 4, ifindex);
    to.set(JAVA_INT, 8, queue);
    long result = 0;
    // A socket that was closed just now lets go of its queue a moment later.
    for (int tries = 0; tries < 100; tries++) {
      result = system.bind(descriptor, to);
      if (result != -Errno.EBUSY) {
        break;
      }
      system.poll(new int[0], 0, 5);
    }
    LinuxException.check("queue " + queue + " of its interface", result);
  }

  /** A multiple of a page at or below an address. */
  static long pageOf(long address) {
    return address & -PAGE;
  }

  /** A multiple of a page that is enough. */
  static long pages(long length) {
    return length + PAGE - 1 & -PAGE;
  }

  /**
   * What the kernel counted.
   *
   * @return frames there was no buffer for, and frames there was no room for in the ring
   */
  long[] statistics() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment statistics = arena.allocate(48, 8); // struct xdp_statistics
      if (system.getsockopt(descriptor, SOL_XDP, STATISTICS, statistics) < 32) {
        return new long[2];
      }
      return new long[] {statistics.get(JAVA_LONG, 0), statistics.get(JAVA_LONG, 24)};
    }
  }

  private void unmap(XdpRing... rings) {
    for (XdpRing ring : rings) {
      if (ring != null) {
        system.munmap(ring.address, ring.length);
      }
    }
  }

  @Override
  public void close() {
    unmap(rx, tx, fill, completion);
    system.close(descriptor);
  }
}
