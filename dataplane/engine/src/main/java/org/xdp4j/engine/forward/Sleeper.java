package org.xdp4j.engine.forward;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.xdp4j.engine.port.PortQueue;

/**
 * Lets a worker sleep in {@code ppoll(2)} until one of its queues has something, or another thread
 * wakes it through an {@code eventfd(2)}. Linux only.
 */
final class Sleeper implements AutoCloseable {
  private static final int POLLFD = 8;
  private static final short POLLIN = 1;
  private static final int MAX_DESCRIPTORS = 1024;
  private static final int NONBLOCK_CLOEXEC = 0x80800;

  /** How long to sleep where every queue can wake, and where some cannot; in nanoseconds. */
  private static final long LONG = 10_000_000;

  private static final long SHORT = 1_000_000;

  private static final long SECOND = 1_000_000_000;

  private record Functions(
      MethodHandle poll,
      MethodHandle eventfd,
      MethodHandle write,
      MethodHandle read,
      MethodHandle close) {
    static Optional<Functions> find() {
      try {
        Linker linker = Linker.nativeLinker();
        SymbolLookup symbols = linker.defaultLookup();
        FunctionDescriptor transfer =
            FunctionDescriptor.of(
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_LONG);
        return Optional.of(
            new Functions(
                handle(
                    linker,
                    symbols,
                    "ppoll",
                    FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS)),
                handle(
                    linker,
                    symbols,
                    "eventfd",
                    FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)),
                handle(linker, symbols, "write", transfer),
                handle(linker, symbols, "read", transfer),
                handle(
                    linker,
                    symbols,
                    "close",
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT))));
      } catch (RuntimeException | LinkageError e) {
        return Optional.empty();
      }
    }

    private static MethodHandle handle(
        Linker linker, SymbolLookup symbols, String name, FunctionDescriptor shape) {
      return linker.downcallHandle(symbols.find(name).orElseThrow(), shape);
    }
  }

  private final Functions system;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment descriptors = arena.allocate((long) MAX_DESCRIPTORS * POLLFD, 8);
  private final MemorySegment received = arena.allocate(8, 8);
  private final MemorySegment one = arena.allocate(8, 8);

  /** {@code struct timespec}: seconds and nanoseconds, of 8 bytes each. */
  private final MemorySegment timeout = arena.allocate(16, 8);

  private final int event;
  private volatile boolean asleep;

  private Sleeper(Functions system, int event) {
    this.system = system;
    this.event = event;
    one.set(ValueLayout.JAVA_LONG, 0, 1);
  }

  /** Makes one; null where the system has no such functions. */
  static Sleeper create() {
    Functions system = Functions.find().orElse(null);
    if (system == null) {
      return null;
    }
    try {
      int event = (int) system.eventfd.invokeExact(0, NONBLOCK_CLOEXEC);
      return event < 0 ? null : new Sleeper(system, event);
    } catch (Throwable e) {
      return null;
    }
  }

  /**
   * Sleeps a while; the owner's thread only.
   *
   * @param queues that may have something
   * @param nothing whether there is still nothing else to do, asked once it can be woken
   * @param until when there is something to do, by {@link System#nanoTime}
   */
  void sleep(PortQueue[] queues, BooleanSupplier nothing, long until) {
    int count = 0;
    boolean all = true;
    put(count++, event);
    for (int i = 0; i < queues.length && count < MAX_DESCRIPTORS; i++) {
      int descriptor = queues[i].descriptor();
      if (descriptor >= 0) {
        put(count++, descriptor);
      } else {
        all = false;
      }
    }
    asleep = true;
    VarHandle.fullFence();
    try {
      if (nothing.getAsBoolean()) {
        long nanos = Idler.left(all ? LONG : SHORT, until);
        timeout.set(ValueLayout.JAVA_LONG, 0, nanos / SECOND);
        timeout.set(ValueLayout.JAVA_LONG, 8, nanos % SECOND);
        int ready =
            (int) system.poll.invokeExact(descriptors, (long) count, timeout, MemorySegment.NULL);
        if (ready > 0) {
          long read = (long) system.read.invokeExact(event, received, 8L);
        }
      }
    } catch (Throwable e) {
      throw new IllegalStateException("ppoll cannot be called", e);
    } finally {
      asleep = false;
    }
  }

  private void put(int place, int descriptor) {
    long at = (long) place * POLLFD;
    descriptors.set(ValueLayout.JAVA_INT, at, descriptor);
    descriptors.set(ValueLayout.JAVA_INT, at + 4, POLLIN);
  }

  /** Wakes its owner if that sleeps; after what it is woken for was written. Any thread. */
  void wake() {
    VarHandle.fullFence();
    if (asleep) {
      try {
        long written = (long) system.write.invokeExact(event, one, 8L);
      } catch (Throwable e) {
        throw new IllegalStateException("write cannot be called", e);
      }
    }
  }

  /** Gives the descriptor back; once nobody sleeps or wakes any more. */
  @Override
  public void close() {
    try {
      int closed = (int) system.close.invokeExact(event);
    } catch (Throwable e) {
      throw new IllegalStateException("close cannot be called", e);
    } finally {
      arena.close();
    }
  }
}
