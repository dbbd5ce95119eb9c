package org.xdp4j.daemon.service;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** The service manager's end: a datagram socket that is told how a service is. */
public final class NotifySocket implements AutoCloseable {
  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int SIZE = 4096;

  private final int descriptor;
  private final List<String> messages = new ArrayList<>();
  private boolean closed;

  /** Binds one to a path, or to a name without a file that begins with an at sign. */
  public NotifySocket(String name) {
    descriptor = (int) CLibrary.ofInt("socket").call(AF_UNIX, SOCK_DGRAM, 0);
    byte[] path = name.getBytes(StandardCharsets.UTF_8);
    if (path[0] == '@') {
      path[0] = 0;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(2L + path.length, Short.BYTES);
      address.set(JAVA_SHORT, 0, (short) AF_UNIX);
      MemorySegment.copy(path, 0, address, JAVA_BYTE, 2, path.length);
      long result = CLibrary.ofInt("bind").call(descriptor, address, 2 + path.length);
      if (result < 0) {
        throw new IllegalStateException("bind: " + CLibrary.error(result));
      }
    }
  }

  /** One that takes in what is said as it is said: a socket holds only some datagrams. */
  public static NotifySocket listening(String name) {
    NotifySocket socket = new NotifySocket(name);
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              while (socket.take()) {
                LockSupport.parkNanos(20_000_000);
              }
            });
    return socket;
  }

  private synchronized boolean take() {
    messages();
    return !closed;
  }

  /** All that was said so far. */
  public synchronized List<String> messages() {
    if (closed) {
      return List.copyOf(messages);
    }
    CLibrary.Function receive = CLibrary.ofLong("recv");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(SIZE);
      long length = receive.call(descriptor, buffer, (long) SIZE, MSG_DONTWAIT);
      while (length >= 0) {
        byte[] bytes = buffer.asSlice(0, length).toArray(JAVA_BYTE);
        messages.add(new String(bytes, StandardCharsets.UTF_8));
        length = receive.call(descriptor, buffer, (long) SIZE, MSG_DONTWAIT);
      }
    }
    return List.copyOf(messages);
  }

  /** Waits until something is said that begins so; says whether it was. */
  public boolean awaits(String beginning) throws InterruptedException {
    for (int i = 0; i < 1000; i++) {
      if (messages().stream().anyMatch(message -> message.startsWith(beginning))) {
        return true;
      }
      Thread.sleep(10);
    }
    return false;
  }

  @Override
  public synchronized void close() {
    closed = true;
    CLibrary.ofInt("close").call(descriptor);
  }
}
