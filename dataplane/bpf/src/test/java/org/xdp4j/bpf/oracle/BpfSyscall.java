package org.xdp4j.bpf.oracle;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/**
 * {@code bpf(2)} through the foreign-function API. {@code union bpf_attr} is written by offset, as
 * linux/bpf.h lays it out.
 */
final class BpfSyscall {
  static final int MAP_CREATE = 0;
  static final int MAP_LOOKUP_ELEM = 1;
  static final int MAP_UPDATE_ELEM = 2;
  static final int MAP_DELETE_ELEM = 3;
  static final int MAP_GET_NEXT_KEY = 4;
  static final int PROG_LOAD = 5;
  static final int OBJ_GET = 7;
  static final int PROG_TEST_RUN = 10;
  static final int BTF_LOAD = 18;
  static final int MAP_FREEZE = 22;

  /** Bytes of {@code union bpf_attr} that are passed; the rest is 0 to the kernel. */
  static final int ATTR_SIZE = 152;

  private static final int X86_64_BPF = 321;
  private static final int AARCH64_BPF = 280;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle SYSCALL =
      LINKER.downcallHandle(
          LINKER.defaultLookup().find("syscall").orElseThrow(),
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.ADDRESS,
              ValueLayout.JAVA_LONG),
          Linker.Option.firstVariadicArg(1),
          Linker.Option.captureCallState("errno"));
  private static final MethodHandle CLOSE =
      LINKER.downcallHandle(
          LINKER.defaultLookup().find("close").orElseThrow(),
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

  private BpfSyscall() {}

  /** A zeroed {@code union bpf_attr}. */
  static MemorySegment attr(Arena arena) {
    return arena.allocate(ATTR_SIZE, 8);
  }

  /** Makes the call: its result, or the negative errno. */
  static int call(Arena arena, int command, MemorySegment attr) {
    MemorySegment state = arena.allocate(CAPTURE);
    long number = System.getProperty("os.arch").equals("aarch64") ? AARCH64_BPF : X86_64_BPF;
    try {
      long result =
          (long) SYSCALL.invokeExact(state, number, (long) command, attr, (long) ATTR_SIZE);
      return result >= 0 ? (int) result : -(int) ERRNO.get(state, 0L);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** Opens what is pinned at {@code path}: a file descriptor, or the negative errno. */
  static int open(Path path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attr = attr(arena);
      attr.set(ValueLayout.JAVA_LONG, 0, arena.allocateFrom(path.toString()).address());
      return call(arena, OBJ_GET, attr);
    }
  }

  static void close(int fd) {
    try {
      int ignored = (int) CLOSE.invokeExact(fd);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
