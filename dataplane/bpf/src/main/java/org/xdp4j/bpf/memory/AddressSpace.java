package org.xdp4j.bpf.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;

/**
 * Address space from the operating system, committed page by page where it is touched: {@code
 * mmap(2)} of anonymous memory without reserving swap, where there is one.
 */
final class AddressSpace {
  /** Asked for less than this, a refusal is final: programs would not fit their maps in. */
  private static final long SMALLEST = 16L << 20;

  /** The most that is taken where every byte is committed at once. */
  private static final long COMMITTED_LIMIT = 512L << 20;

  // sys/mman.h; MAP_ANONYMOUS and MAP_NORESERVE differ between Linux and macOS.
  private static final int PROT_READ_WRITE = 0x1 | 0x2;
  private static final int MAP_PRIVATE = 0x2;
  private static final int LINUX_ANONYMOUS_NORESERVE = 0x20 | 0x4000;
  private static final int MACOS_ANONYMOUS_NORESERVE = 0x1000 | 0x40;
  private static final long MAP_FAILED = -1;
  private static final int MADV_HUGEPAGE = 14;

  /** From this size on, huge pages are asked for: maps of many entries miss the TLB otherwise. */
  private static final long HUGE_FROM = 256L << 20;

  private AddressSpace() {}

  /**
   * Reserves {@code bytes}, or as large a part of them (halved until it fits) as the system's
   * limits allow.
   *
   * @throws OutOfMemoryError when not even a small part is to be had
   */
  static MemorySegment reserve(long bytes, Arena arena) {
    Mapper mapper = Linked.MAPPER;
    if (mapper != null) {
      for (long size = bytes; size == bytes || size >= SMALLEST; size /= 2) {
        MemorySegment mapped = mapper.map(size, arena);
        if (mapped != null) {
          return mapped;
        }
      }
    }
    return allocate(Math.min(bytes, COMMITTED_LIMIT), arena);
  }

  /**
   * Takes {@code bytes} that are committed at once.
   *
   * @throws OutOfMemoryError when there is not as much
   */
  static MemorySegment commit(long bytes, Arena arena) {
    return arena.allocate(bytes, Region.FIRST_ADDRESS);
  }

  private static MemorySegment allocate(long bytes, Arena arena) {
    for (long size = bytes; ; size /= 2) {
      try {
        return commit(size, arena);
      } catch (OutOfMemoryError refused) {
        if (size / 2 < SMALLEST) {
          throw refused;
        }
      }
    }
  }

  /** Linked when first needed, which takes the JVM a tenth of a second. */
  private static final class Linked {
    static final Mapper MAPPER = Mapper.find();
  }

  /** {@code mmap} and {@code munmap} of the C library. */
  private record Mapper(MethodHandle mmap, MethodHandle munmap, MethodHandle madvise, int flags) {
    static Mapper find() {
      String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
      if (!os.contains("linux") && !os.contains("mac")) {
        return null;
      }
      int flags = os.contains("linux") ? LINUX_ANONYMOUS_NORESERVE : MACOS_ANONYMOUS_NORESERVE;
      try {
        return link(MAP_PRIVATE | flags);
      } catch (RuntimeException notAvailable) {
        return null; // no such symbol, or native access is forbidden: allocate plainly
      }
    }

    private static Mapper link(int flags) {
      Linker linker = Linker.nativeLinker();
      FunctionDescriptor mmap =
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG);
      FunctionDescriptor munmap =
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG);
      FunctionDescriptor madvise =
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT);
      return new Mapper(
          linker.downcallHandle(linker.defaultLookup().findOrThrow("mmap"), mmap),
          linker.downcallHandle(linker.defaultLookup().findOrThrow("munmap"), munmap),
          linker.downcallHandle(linker.defaultLookup().findOrThrow("madvise"), madvise),
          flags);
    }

    MemorySegment map(long bytes, Arena arena) {
      long address;
      try {
        address = (long) mmap.invokeExact(0L, bytes, PROT_READ_WRITE, flags, -1, 0L);
        if (address != MAP_FAILED
            && bytes >= HUGE_FROM
            && (flags & LINUX_ANONYMOUS_NORESERVE) == LINUX_ANONYMOUS_NORESERVE) {
          // Only a wish: where there are no huge pages, small ones do.
          int ignored = (int) madvise.invokeExact(address, bytes, MADV_HUGEPAGE);
        }
      } catch (Throwable impossible) {
        throw new IllegalStateException("mmap could not be called", impossible);
      }
      return address == MAP_FAILED
          ? null
          : MemorySegment.ofAddress(address).reinterpret(bytes, arena, this::unmap);
    }

    private void unmap(MemorySegment mapped) {
      try {
        int ignored = (int) munmap.invokeExact(mapped.address(), mapped.byteSize());
      } catch (Throwable impossible) {
        throw new IllegalStateException("munmap could not be called", impossible);
      }
    }
  }
}
