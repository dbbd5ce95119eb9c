package org.xdp4j.engine.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What the kernel counted on an interface of the network namespace that the thread was in which
 * opened this: RTM_GETSTATS of rtnetlink(7). Any thread.
 *
 * <pre>
 *  request: nlmsghdr (16) | family 1, padding 3, ifindex 4, filter_mask 4
 *  answer:  nlmsghdr (16) | the same 12 | nlattr: length 2, type 2 | struct rtnl_link_stats64
 * </pre>
 */
public final class LinkCounters implements AutoCloseable {
  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW = 3;
  private static final short RTM_NEWSTATS = 92;
  private static final short RTM_GETSTATS = 94;
  private static final short NLM_F_REQUEST = 1;
  private static final int REQUEST = 28;
  private static final int IFLA_STATS_LINK_64 = 1;
  private static final int TX_DROPPED = 7;

  private final Syscalls system = new Syscalls();
  private final Arena arena = Arena.ofShared();
  private final MemorySegment message = arena.allocate(4096, 8);
  private int socket;

  /** Opens what it takes. Where there is no rtnetlink, nothing is known. */
  public LinkCounters() {
    int flags = SOCK_RAW | Syscalls.O_NONBLOCK | Syscalls.O_CLOEXEC;
    socket = (int) system.socket(AF_NETLINK, flags, 0);
  }

  /**
   * Frames that the host sent and the interface dropped; 0 when that is not known.
   *
   * @param index the interface's, in its namespace
   */
  public synchronized long sendDrops(long index) {
    if (socket < 0 || index <= 0) {
      return 0;
    }
    message.asSlice(0, REQUEST).fill((byte) 0);
    message.set(JAVA_INT, 0, REQUEST);
    message.set(JAVA_SHORT, 4, RTM_GETSTATS);
    message.set(JAVA_SHORT, 6, NLM_F_REQUEST);
    message.set(JAVA_INT, 20, (int) index);
    message.set(JAVA_INT, 24, 1 << IFLA_STATS_LINK_64 - 1);
    if (system.write(socket, message.address(), REQUEST) != REQUEST) {
      return 0;
    }
    // rtnetlink answers within the call that asks.
    return find(system.read(socket, message.address(), message.byteSize()));
  }

  private long find(long length) {
    if (length < REQUEST || message.get(JAVA_SHORT, 4) != RTM_NEWSTATS) {
      return 0;
    }
    long at = REQUEST;
    while (at + 4 <= length) {
      int size = message.get(JAVA_SHORT, at) & 0xffff;
      int type = message.get(JAVA_SHORT, at + 2) & 0x3fff;
      if (type == IFLA_STATS_LINK_64 && size >= 4 + 8 * (TX_DROPPED + 1)) {
        return message.get(JAVA_LONG_UNALIGNED, at + 4 + 8 * TX_DROPPED);
      }
      at += Math.max(4, size + 3 & ~3);
    }
    return 0;
  }

  @Override
  public synchronized void close() {
    if (socket >= 0) {
      system.close(socket);
      socket = -1;
    }
    system.close();
    arena.close();
  }
}
