package org.xdp4j.daemon.service;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Tells the service manager how the service is, by the protocol of {@code sd_notify(3)}: datagrams
 * of {@code NAME=VALUE} lines to the AF_UNIX socket that the environment names. Does nothing where
 * nobody asked to be told.
 *
 * <p>A manager that does not listen is not waited for: its socket holds some datagrams, and what
 * then finds no room for a while is not said.
 *
 * <p>The JDK knows no datagrams on such sockets, so they are sent through the C library.
 */
public final class ServiceManager {
  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int PATH_AT = 2; // struct sockaddr_un: sun_family, then sun_path
  private static final int MAX_PATH = 107;
  private static final int SOL_SOCKET = 1; // asm-generic/socket.h
  private static final int SO_SNDTIMEO = 21;
  private static final int TIMEVAL = 2 * Long.BYTES; // seconds, microseconds
  private static final long PATIENCE = 200_000;
  private static final long MICROSECOND = 1000;

  private final String socket;
  private final long watchdogNanos;

  private ServiceManager(String socket, long watchdogNanos) {
    this.socket = socket;
    this.watchdogNanos = watchdogNanos;
  }

  /** As the process's environment says. */
  public static ServiceManager ofEnvironment() {
    return of(System.getenv(), ProcessHandle.current().pid());
  }

  /**
   * As an environment says for a process.
   *
   * @param environment NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID count
   */
  static ServiceManager of(Map<String, String> environment, long pid) {
    String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
    boolean usable =
        CLibrary.isLinux()
            && (socket.startsWith("/") || socket.startsWith("@"))
            && socket.getBytes(StandardCharsets.UTF_8).length <= MAX_PATH;
    String watched = environment.getOrDefault("WATCHDOG_PID", String.valueOf(pid));
    String micros = environment.getOrDefault("WATCHDOG_USEC", "");
    boolean isWatched = watched.equals(String.valueOf(pid)) && micros.matches("[0-9]{1,15}");
    return new ServiceManager(
        usable ? socket : "", isWatched ? Long.parseLong(micros) * MICROSECOND : 0);
  }

  /** Whether somebody is told. */
  public boolean isThere() {
    return !socket.isEmpty();
  }

  /** Within how many nanoseconds {@link #alive} must be said again and again; 0 for never. */
  public long watchdogNanos() {
    return isThere() ? watchdogNanos : 0;
  }

  /** The service does its work now; {@code status} is a sentence for people. */
  public void ready(String status) {
    send("READY=1\nSTATUS=" + status);
  }

  /** Its configuration is read again; ends with {@link #ready}. */
  public void reloading() {
    // The service manager compares the time with its own CLOCK_MONOTONIC, which nanoTime is here.
    send("RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / MICROSECOND);
  }

  /** It is about to end. */
  public void stopping(String status) {
    send("STOPPING=1\nSTATUS=" + status);
  }

  /** How it is, a sentence for people. */
  public void status(String status) {
    send("STATUS=" + status);
  }

  /** It still does its work. */
  public void alive() {
    send("WATCHDOG=1");
  }

  private void send(String message) {
    if (!isThere()) {
      return;
    }
    CLibrary.Function close = CLibrary.ofInt("close");
    long descriptor = CLibrary.ofInt("socket").call(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
    if (descriptor < 0) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      byte[] text = message.getBytes(StandardCharsets.UTF_8);
      MemorySegment bytes = arena.allocateFrom(JAVA_BYTE, text);
      byte[] path = socket.getBytes(StandardCharsets.UTF_8);
      if (path[0] == '@') {
        path[0] = 0; // A name that is in no file system (unix(7), abstract).
      }
      MemorySegment patience = arena.allocate(TIMEVAL, Long.BYTES);
      patience.set(JAVA_LONG, Long.BYTES, PATIENCE);
      CLibrary.ofInt("setsockopt")
          .call((int) descriptor, SOL_SOCKET, SO_SNDTIMEO, patience, TIMEVAL);
      MemorySegment address = arena.allocate(PATH_AT + MAX_PATH + 1L, Short.BYTES);
      address.set(JAVA_SHORT, 0, (short) AF_UNIX);
      MemorySegment.copy(path, 0, address, JAVA_BYTE, PATH_AT, path.length);
      CLibrary.ofLong("sendto")
          .call(
              (int) descriptor,
              bytes,
              (long) text.length,
              MSG_NOSIGNAL,
              address,
              PATH_AT + path.length);
    } finally {
      close.call((int) descriptor);
    }
  }
}
