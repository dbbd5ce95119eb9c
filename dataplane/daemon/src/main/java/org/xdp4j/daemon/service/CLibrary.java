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
 *
 * <p>All functions are called by one shape, which is also that of the engine's system calls: to
 * make code for a shape takes the JVM longer than all calls of a daemon's life. By the calling
 * conventions of Linux (System V ABI, AAPCS64) whole numbers and pointers are passed in registers
 * of 64 bits, of which a function takes what it declares and leaves the rest alone.
 */
final class CLibrary {
  private static final int MOST_ARGUMENTS = 7;
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");
  private static final Linker LINKER = Linker.nativeLinker();
  private static final FunctionDescriptor SHAPE =
      FunctionDescriptor.of(
          JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  private CLibrary() {}

  /** Whether this is a Linux whose calls are known here. */
  static boolean isLinux() {
    return System.getProperty("os.name").toLowerCase(Locale.ROOT).equals("linux");
  }

  /** One function of the library. */
  static final class Function {
    private final String name;
    private final MethodHandle handle;
    private final boolean isInt;

    private Function(String name, boolean isInt) {
      this.name = name;
      this.isInt = isInt;
      MemorySegment symbol =
          LINKER
              .defaultLookup()
              .find(name)
              .orElseThrow(() -> new UnsupportedOperationException("there is no " + name));
      this.handle =
          LINKER.downcallHandle(symbol, SHAPE, CAPTURE, Linker.Option.firstVariadicArg(1));
    }

    /** Calls it; arguments are Integer, Long and MemorySegment, which the caller keeps alive. */
    long call(Object... arguments) {
      long[] all = new long[MOST_ARGUMENTS];
      for (int i = 0; i < arguments.length; i++) {
        all[i] =
            switch (arguments[i]) {
              case Integer number -> number;
              case Long number -> number;
              case MemorySegment memory -> memory.address();
              default -> throw new IllegalArgumentException(name + " takes no " + arguments[i]);
            };
      }
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment state = arena.allocate(STATE);
        long result =
            (long)
                handle.invokeExact(state, all[0], all[1], all[2], all[3], all[4], all[5], all[6]);
        long value = isInt ? (int) result : result;
        return value == -1 ? -(int) ERRNO.get(state, 0L) : value;
      } catch (Throwable e) {
        throw new IllegalStateException(name + " cannot be called", e);
      }
    }
  }

  /** A function that returns an int. */
  static Function ofInt(String name) {
    return new Function(name, true);
  }

  /** A function that returns a long or a pointer. */
  static Function ofLong(String name) {
    return new Function(name, false);
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
