package org.xdp4j.engine.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * System calls, as the kernel has them: a negative result is an {@link Errno}. Memory is given by
 * its address, so that nothing has to be made for a call; whoever calls keeps it alive.
 *
 * <p>Linux tells an error's number through a variable of the thread's, which has to be read before
 * the JVM does anything else: 8 ns a call more. {@link #read} and {@link #write} therefore go
 * without, and only one that failed is made again and asked for its number.
 *
 * <p>Owned by one thread at a time.
 */
public final class Syscalls implements AutoCloseable {
  /** open(2): for reading and writing, not waiting, not inherited. */
  public static final int O_RDWR = 2;

  public static final int O_NONBLOCK = 0x800;
  public static final int O_CLOEXEC = 0x80000;

  /** poll(2). */
  private static final short POLLIN = 1;

  private static final short POLLOUT = 4;

  /** mmap(2). */
  public static final int PROT_READ_WRITE = 3;

  public static final int MAP_SHARED = 1;
  public static final int MAP_POPULATE = 0x8000;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final SymbolLookup SYMBOLS = LINKER.defaultLookup();
  private static final Linker.Option KEEP_ERRNO = Linker.Option.captureCallState("errno");
  private static final VarHandle ERRNO =
      Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final MethodHandle READ = plain("read", JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle WRITE = plain("write", JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle WITH_ERRNO =
      LINKER.downcallHandle(
          SYMBOLS.findOrThrow("syscall"),
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
              JAVA_LONG),
          KEEP_ERRNO,
          Linker.Option.firstVariadicArg(1));

  private final Arena arena = Arena.ofShared();
  private final MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
  private final MemorySegment pollfds = arena.allocate(8L * 16, 8);

  /** Makes room for what calls need. */
  public Syscalls() {}

  private static MethodHandle plain(String name, MemoryLayout... parameters) {
    return LINKER.downcallHandle(
        SYMBOLS.findOrThrow(name), FunctionDescriptor.of(JAVA_LONG, parameters));
  }

  /** Any system call, by its number ({@link Numbers}). */
  public long call(int number, long a, long b, long c, long d, long e, long f) {
    try {
      long result = (long) WITH_ERRNO.invokeExact(state, (long) number, a, b, c, d, e, f);
      return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (Throwable thrown) {
      throw new IllegalStateException("syscall cannot be called", thrown);
    }
  }

  /** read(2) of a descriptor that does not wait. */
  public long read(int fd, long address, long length) {
    try {
      long count = (long) READ.invokeExact(fd, address, length);
      return count >= 0 ? count : call(Numbers.READ, fd, address, length, 0, 0, 0);
    } catch (Throwable thrown) {
      throw new IllegalStateException("read cannot be called", thrown);
    }
  }

  /** write(2) to a descriptor that does not wait. */
  public long write(int fd, long address, long length) {
    try {
      long count = (long) WRITE.invokeExact(fd, address, length);
      return count >= 0 ? count : call(Numbers.WRITE, fd, address, length, 0, 0, 0);
    } catch (Throwable thrown) {
      throw new IllegalStateException("write cannot be called", thrown);
    }
  }

  /** open(2). */
  public long open(String path, int flags) {
    try (Arena local = Arena.ofConfined()) {
      long name = local.allocateFrom(path).address();
      return call(Numbers.OPENAT, -100, name, flags, 0, 0, 0); // AT_FDCWD
    }
  }

  /** close(2). */
  public long close(int fd) {
    return call(Numbers.CLOSE, fd, 0, 0, 0, 0, 0);
  }

  /** ioctl(2). */
  public long ioctl(int fd, long request, long argument) {
    return call(Numbers.IOCTL, fd, request, argument, 0, 0, 0);
  }

  /** ioctl(2) with the address of {@code argument}. */
  public long ioctl(int fd, long request, MemorySegment argument) {
    return ioctl(fd, request, argument.address());
  }

  /** socket(2). */
  public long socket(int domain, int type, int protocol) {
    return call(Numbers.SOCKET, domain, type, protocol, 0, 0, 0);
  }

  /** bind(2). */
  public long bind(int fd, MemorySegment address) {
    return call(Numbers.BIND, fd, address.address(), address.byteSize(), 0, 0, 0);
  }

  /**
   * sendmmsg(2), not waiting.
   *
   * @param messages address of {@code struct mmsghdr}
   * @return how many were sent, or a negative {@link Errno} when the first was not
   */
  public long sendmmsg(int fd, long messages, int count) {
    return call(Numbers.SENDMMSG, fd, messages, count, 0x40, 0, 0); // MSG_DONTWAIT
  }

  /** sendto(2) of nothing, not waiting: tells the kernel that a ring has something to send. */
  public long kick(int fd) {
    return call(Numbers.SENDTO, fd, 0, 0, 0x40, 0, 0);
  }

  /** setsockopt(2). */
  public long setsockopt(int fd, int level, int option, MemorySegment value) {
    return call(Numbers.SETSOCKOPT, fd, level, option, value.address(), value.byteSize(), 0);
  }

  /** setsockopt(2) with an {@code int}. */
  public long setsockopt(int fd, int level, int option, int value) {
    try (Arena local = Arena.ofConfined()) {
      return setsockopt(fd, level, option, local.allocateFrom(JAVA_INT, value));
    }
  }

  /**
   * getsockopt(2).
   *
   * @return how many bytes of {@code value} were written
   */
  public long getsockopt(int fd, int level, int option, MemorySegment value) {
    try (Arena local = Arena.ofConfined()) {
      MemorySegment length = local.allocateFrom(JAVA_INT, (int) value.byteSize());
      long result =
          call(Numbers.GETSOCKOPT, fd, level, option, value.address(), length.address(), 0);
      return result < 0 ? result : length.get(JAVA_INT, 0);
    }
  }

  /**
   * mmap(2) of a descriptor.
   *
   * @return the address, or a negative {@link Errno}
   */
  public long mmap(long length, int flags, int fd, long offset) {
    return call(Numbers.MMAP, 0, length, PROT_READ_WRITE, flags, fd, offset);
  }

  /** munmap(2). */
  public long munmap(long address, long length) {
    return call(Numbers.MUNMAP, address, length, 0, 0, 0, 0);
  }

  /**
   * Waits until one of the descriptors can be read; ppoll(2).
   *
   * @param count how many, 16 at the most
   * @param millis how long at the most
   * @return how many can be read, 0 when none can, or a negative {@link Errno}
   */
  public long poll(int[] descriptors, int count, int millis) {
    for (int i = 0; i < count; i++) {
      setPoll(i, descriptors[i], POLLIN);
    }
    return poll(count, millis);
  }

  /** Whether a descriptor can be written to now. */
  public boolean isWritable(int descriptor) {
    setPoll(0, descriptor, POLLOUT);
    return poll(1, 0) > 0 && (pollfds.get(JAVA_SHORT, 6) & POLLOUT) != 0;
  }

  private void setPoll(int index, int descriptor, short events) {
    pollfds.set(JAVA_INT, 8L * index, descriptor);
    pollfds.set(JAVA_INT, 8L * index + 4, 0);
    pollfds.set(JAVA_SHORT, 8L * index + 4, events);
  }

  private long poll(int count, int millis) {
    try (Arena local = Arena.ofConfined()) {
      MemorySegment time = local.allocate(16, 8);
      time.set(JAVA_LONG, 0, millis / 1000);
      time.set(JAVA_LONG, 8, millis % 1000 * 1_000_000L);
      return call(Numbers.PPOLL, pollfds.address(), count, time.address(), 0, 0, 0);
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
