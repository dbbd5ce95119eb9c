package org.xdp4j.engine.port.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.linux.Errno;
import org.xdp4j.engine.linux.Syscalls;
import org.xdp4j.engine.port.PortCounters;

/**
 * Frames sent from where they are by sendmmsg(2), up to 64 in a call. Owned by one thread.
 *
 * <pre>
 *  struct mmsghdr   0 msghdr: 16 iovec   24 how many   56 length sent
 *  struct iovec     0 address   8 length
 * </pre>
 */
final class MessageBatch implements AutoCloseable {
  private static final int SIZE = 64;
  private static final int MESSAGE = 64;
  private static final int VECTOR = 16;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment messages = arena.allocate((long) MESSAGE * SIZE, 8);
  private final MemorySegment vectors = arena.allocate((long) VECTOR * SIZE, 8);
  private final MemorySegment memory;
  private final long base;
  private final int header;

  /**
   * Makes one.
   *
   * @param header bytes of virtio-net header before each frame, or 0
   */
  MessageBatch(Region region, int header) {
    this.memory = region.segment();
    this.base = memory.address();
    this.header = header;
    for (int i = 0; i < SIZE; i++) {
      messages.set(JAVA_LONG, (long) MESSAGE * i + 16, vectors.address() + (long) VECTOR * i);
      messages.set(JAVA_LONG, (long) MESSAGE * i + 24, 1);
    }
  }

  /**
   * Sends the first frames, in order, and counts them.
   *
   * @return how many were taken, sent or refused; the others found no room
   */
  int send(Syscalls system, int socket, Frame[] frames, int count, PortCounters counters) {
    int done = 0;
    while (done < count) {
      int batch = Math.min(SIZE, count - done);
      int ready = 0;
      while (ready < batch && put(ready, frames[done + ready])) {
        ready++;
      }
      if (ready == 0) {
        counters.txError(1); // no room for its header
        done++;
        continue;
      }
      long sent = system.sendmmsg(socket, messages.address(), ready);
      if (sent > 0) {
        long bytes = 0;
        for (int i = 0; i < sent; i++) {
          bytes += frames[done + i].length();
        }
        counters.sent(sent, bytes);
        done += (int) sent;
      } else if (sent == -Errno.EAGAIN || sent == -Errno.ENOBUFS) {
        break;
      } else if (sent != -Errno.EINTR) {
        counters.txError(1); // of the first that was given; the rest may be as good as ever
        done++;
      }
    }
    return done;
  }

  private boolean put(int index, Frame frame) {
    if (header > 0 && !VirtioHeader.writeBefore(memory, frame)) {
      return false;
    }
    vectors.set(JAVA_LONG, (long) VECTOR * index, base + frame.data - header);
    vectors.set(JAVA_LONG, (long) VECTOR * index + 8, frame.length() + header);
    return true;
  }

  @Override
  public void close() {
    arena.close();
  }
}
