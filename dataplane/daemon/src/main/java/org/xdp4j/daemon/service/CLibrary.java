package org.xdp4j.daemon.service;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Locale;

/**
 * Calls of the C library. An int function returns its result, or the error number negated, as
 * system calls do.
 */
final class CLibrary {
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");
  private static final Linker LINKER = Linker.nativeLinker();

  private CLibrary() {}

  /** Whether this is a Linux whose calls are known here. */
  static boolean isLinux() {
    return System.getProperty("os.name").toLowerCase(Locale.ROOT).equals("linux");
  }

  /** One function of the library. */
  static final class Function {
    private final String name;
    private final MethodHandle handle;

    private Function(String name, MethodHandle handle) {
      this.name = name;
      this.handle = handle;
    }

    /** Calls it; arguments are Integer, Long and MemorySegment as it was declared. */
    long call(Object... arguments) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment state = arena.allocate(STATE);
        Object[] all = new Object[arguments.length + 1];
        all[0] = state;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        Object result = handle.invokeWithArguments(all);
        long value =
            switch (result) {
              case Integer number -> number;
              case Long number -> number;
              case MemorySegment pointer -> pointer.address();
              default -> throw new IllegalStateException(name + " returned " + result);
            };
        return value == -1 ? -(int) ERRNO.get(state, 0L) : value;
      } catch (Throwable e) {
        throw new IllegalStateException(name + " cannot be called", e);
      }
    }
  }

  /** Finds a function; a call is rare, so it need not be fast. */
  static Function function(String name, FunctionDescriptor shape) {
    MemorySegment symbol =
        LINKER
            .defaultLookup()
            .find(name)
            .orElseThrow(() -> new UnsupportedOperationException("there is no " + name));
    return new Function(name, LINKER.downcallHandle(symbol, shape, CAPTURE));
  }

  /** {@code int name(int...)}. */
  static Function ofInts(String name, int count) {
    MemoryLayout[] arguments = new MemoryLayout[count];
    java.util.Arrays.fill(arguments, JAVA_INT);
    return function(name, FunctionDescriptor.of(JAVA_INT, arguments));
  }

  /** {@code long syscall(long, long...)}, with {@code count} arguments behind the number. */
  static Function systemCall(int count) {
    MemoryLayout[] arguments = new MemoryLayout[count + 1];
    java.util.Arrays.fill(arguments, JAVA_LONG);
    return new Function(
        "syscall",
        LINKER.downcallHandle(
            LINKER.defaultLookup().find("syscall").orElseThrow(),
            FunctionDescriptor.of(JAVA_LONG, arguments),
            CAPTURE,
            Linker.Option.firstVariadicArg(1)));
  }

  /** {@code ssize_t sendto(int, const void *, size_t, int, const struct sockaddr *, socklen_t)}. */
  static Function sendTo() {
    return function(
        "sendto",
        FunctionDescriptor.of(
            JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
  }

  /** What an error number means. */
  static String error(long negated) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text =
          (MemorySegment)
              LINKER
                  .downcallHandle(
                      LINKER.defaultLookup().find("strerror").orElseThrow(),
                      FunctionDescriptor.of(ADDRESS, JAVA_INT))
                  .invokeExact((int) -negated);
      return text.reinterpret(256, arena, null).getString(0);
    } catch (Throwable e) {
      return "error " + -negated;
    }
  }
}
