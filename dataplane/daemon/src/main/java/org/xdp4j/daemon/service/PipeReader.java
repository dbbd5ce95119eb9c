package org.xdp4j.daemon.service;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Whoever reads a pipe that this process writes to. That it has gone is told by the next write; who
 * has nothing to write for a while asks poll(2), which says so at once (POLLERR).
 */
public final class PipeReader {
  /** Standard output. */
  public static final int STANDARD_OUTPUT = 1;

  /** {@code struct pollfd}: descriptor 0, events 4, revents 6. */
  private static final int POLLFD = 8;

  private static final int REVENTS = 6;
  private static final int POLLERR = 8;
  private static final int POLLHUP = 16;

  private PipeReader() {}

  /**
   * Waits until it has gone, for a while at the most.
   *
   * @param descriptor that is written to
   * @return whether it has; never where there is no poll(2), and of what is no pipe, socket or
   *     terminal
   */
  public static boolean awaitGone(int descriptor, int millis) throws InterruptedException {
    if (!CLibrary.isLinux()) {
      Thread.sleep(millis);
      return false;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment poll = arena.allocate(POLLFD, Integer.BYTES);
      poll.set(ValueLayout.JAVA_INT, 0, descriptor);
      CLibrary.ofInt("poll").call(poll, 1L, millis);
      return (poll.get(ValueLayout.JAVA_SHORT, REVENTS) & (POLLERR | POLLHUP)) != 0;
    }
  }
}
