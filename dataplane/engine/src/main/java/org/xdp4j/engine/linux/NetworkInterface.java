package org.xdp4j.engine.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.function.ToLongFunction;

/**
 * Interfaces of the network namespace that the thread was in which opened this: their index, state,
 * hardware address and MTU (netdevice(7)), and word of changes (rtnetlink(7)). Any thread.
 */
public final class NetworkInterface implements AutoCloseable {
  /** The longest name an interface can have. */
  public static final int MAX_NAME = 15;

  /** {@code struct ifreq}: the name, and a union behind it. */
  public static final int IFREQ = 40;

  private static final int UNION = 16;
  private static final int SIOCGIFFLAGS = 0x8913;
  private static final int SIOCSIFFLAGS = 0x8914;
  private static final int SIOCGIFMTU = 0x8921;
  private static final int SIOCSIFMTU = 0x8922;
  private static final int SIOCSIFHWADDR = 0x8924;
  private static final int SIOCGIFHWADDR = 0x8927;
  private static final int SIOCGIFINDEX = 0x8933;
  private static final int SIOCGIFTXQLEN = 0x8942;
  private static final int SIOCSIFTXQLEN = 0x8943;
  private static final int IFF_UP = 1;
  private static final int IFF_RUNNING = 0x40;
  private static final short ARPHRD_ETHER = 1;
  private static final int AF_INET = 2;
  private static final int AF_NETLINK = 16;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_RAW = 3;
  private static final int SOCK_FLAGS = Syscalls.O_NONBLOCK | Syscalls.O_CLOEXEC;
  private static final int NETLINK_ROUTE = 0;
  private static final int RTMGRP_LINK = 1;
  private static final int SCRATCH = 8192;

  private final Syscalls system = new Syscalls();
  private final Arena arena = Arena.ofShared();
  private final int socket;
  private final int changes;
  private final int wake;
  private final MemorySegment scratch = arena.allocate(SCRATCH, 8);

  /** Opens what it takes. */
  public NetworkInterface() throws LinuxException {
    socket = LinuxException.check("a socket", system.socket(AF_INET, SOCK_DGRAM | SOCK_FLAGS, 0));
    long netlink = system.socket(AF_NETLINK, SOCK_RAW | SOCK_FLAGS, NETLINK_ROUTE);
    if (netlink >= 0) {
      MemorySegment address = arena.allocate(12, 4);
      address.set(JAVA_SHORT, 0, (short) AF_NETLINK);
      address.set(JAVA_INT, 8, RTMGRP_LINK);
      if (system.bind((int) netlink, address) < 0) {
        system.close((int) netlink);
        netlink = -1;
      }
    }
    changes = (int) Math.max(-1, netlink);
    wake = (int) system.call(Numbers.EVENTFD2, 0, SOCK_FLAGS, 0, 0, 0, 0);
  }

  /** A {@code struct ifreq} with this name. */
  public static MemorySegment request(Arena arena, String name) {
    byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
    if (bytes.length == 0 || bytes.length > MAX_NAME) {
      throw new IllegalArgumentException(
          "\"" + name + "\" is no interface's name: it has 1 to " + MAX_NAME + " letters");
    }
    MemorySegment request = arena.allocate(IFREQ, 8);
    MemorySegment.copy(bytes, 0, request, JAVA_BYTE, 0, bytes.length);
    return request;
  }

  private long get(String name, int code, ToLongFunction<MemorySegment> read) {
    try (Arena local = Arena.ofConfined()) {
      MemorySegment request = request(local, name);
      long result = ioctl(code, request);
      return result < 0 ? result : read.applyAsLong(request);
    }
  }

  private synchronized long ioctl(int code, MemorySegment request) {
    return system.ioctl(socket, code, request);
  }

  /** Its index in the namespace, or a negative {@link Errno}: ENODEV when there is none. */
  public long index(String name) {
    return get(name, SIOCGIFINDEX, request -> request.get(JAVA_INT, UNION));
  }

  /** Whether it is there, is up, and has a carrier. */
  public boolean isRunning(String name) {
    long flags = get(name, SIOCGIFFLAGS, request -> request.get(JAVA_SHORT, UNION) & 0xffff);
    return flags >= 0 && (flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING);
  }

  /** Whether it is there and was taken up, with a carrier or without. */
  public boolean isUp(String name) {
    long flags = get(name, SIOCGIFFLAGS, request -> request.get(JAVA_SHORT, UNION) & 0xffff);
    return flags >= 0 && (flags & IFF_UP) != 0;
  }

  /** Its MTU, or a negative {@link Errno}. */
  public long mtu(String name) {
    return get(name, SIOCGIFMTU, request -> request.get(JAVA_INT, UNION));
  }

  /** Frames that can wait to be sent by it, or a negative {@link Errno}. */
  public long queueLength(String name) {
    return get(name, SIOCGIFTXQLEN, request -> request.get(JAVA_INT, UNION));
  }

  /** Sets how many frames can wait to be sent by it. */
  public void setQueueLength(String name, int frames) throws LinuxException {
    try (Arena local = Arena.ofConfined()) {
      MemorySegment request = request(local, name);
      request.set(JAVA_INT, UNION, frames);
      LinuxException.check("a queue of " + frames, ioctl(SIOCSIFTXQLEN, request));
    }
  }

  /** Its hardware address, or a negative {@link Errno}. */
  public long mac(String name) {
    return get(
        name,
        SIOCGIFHWADDR,
        request -> {
          long mac = 0;
          for (int i = 0; i < 6; i++) {
            mac = mac << 8 | request.get(JAVA_BYTE, UNION + 2 + i) & 0xff;
          }
          return mac;
        });
  }

  /** Sets its MTU. */
  public void setMtu(String name, int mtu) throws LinuxException {
    try (Arena local = Arena.ofConfined()) {
      MemorySegment request = request(local, name);
      request.set(JAVA_INT, UNION, mtu);
      LinuxException.check("an MTU of " + mtu, ioctl(SIOCSIFMTU, request));
    }
  }

  /** Sets its hardware address. */
  public void setMac(String name, long mac) throws LinuxException {
    try (Arena local = Arena.ofConfined()) {
      MemorySegment request = request(local, name);
      request.set(JAVA_SHORT, UNION, ARPHRD_ETHER);
      for (int i = 0; i < 6; i++) {
        request.set(JAVA_BYTE, UNION + 2 + i, (byte) (mac >>> 40 - 8 * i));
      }
      LinuxException.check("its hardware address", ioctl(SIOCSIFHWADDR, request));
    }
  }

  /** Takes it up or down. */
  public void setUp(String name, boolean up) throws LinuxException {
    try (Arena local = Arena.ofConfined()) {
      MemorySegment request = request(local, name);
      LinuxException.check("its state", ioctl(SIOCGIFFLAGS, request));
      int flags = request.get(JAVA_SHORT, UNION) & 0xffff;
      request.set(JAVA_SHORT, UNION, (short) (up ? flags | IFF_UP : flags & ~IFF_UP));
      LinuxException.check(up ? "taking it up" : "taking it down", ioctl(SIOCSIFFLAGS, request));
    }
  }

  /**
   * Waits until some interface changed, or so long at the most. One thread.
   *
   * @return whether one did
   */
  public boolean awaitChange(Syscalls own, int millis) {
    // poll(2) skips what is no descriptor, so a namespace without rtnetlink is asked now and then.
    if (own.poll(new int[] {changes, wake}, 2, millis) <= 0) {
      return false;
    }
    // What changed does not matter, only that something did: the truth is asked for anew, which
    // stays right when messages were lost.
    while (own.read(changes, scratch.address(), SCRATCH) > 0) {
      Thread.onSpinWait();
    }
    return true;
  }

  /** Ends a wait for changes, and all that follow. Any thread. */
  public synchronized void wake() {
    try (Arena local = Arena.ofConfined()) {
      system.write(wake, local.allocateFrom(JAVA_LONG, 1).address(), Long.BYTES);
    }
  }

  @Override
  public synchronized void close() {
    system.close(socket);
    system.close(wake);
    if (changes >= 0) {
      system.close(changes);
    }
    system.close();
    arena.close();
  }
}
