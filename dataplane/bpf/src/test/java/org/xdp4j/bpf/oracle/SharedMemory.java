package org.xdp4j.bpf.oracle;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * What user space has of a map that it shares with programs ({@code mmap(2)}).
 *
 * @param bytes at the address that the kernel has for them
 */
record SharedMemory(MemorySegment bytes) implements AutoCloseable {
  private static final int PROT_READ_WRITE = 0x1 | 0x2;
  private static final int MAP_SHARED = 0x1;
  private static final int MAP_FIXED_NOREPLACE = 0x100000;
  private static final long MAP_FAILED = -1;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle MMAP =
      LINKER.downcallHandle(
          LINKER.defaultLookup().find("mmap").orElseThrow(),
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG));
  private static final MethodHandle MUNMAP =
      LINKER.downcallHandle(
          LINKER.defaultLookup().find("munmap").orElseThrow(),
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));

  /**
   * Maps it.
   *
   * @param address where, or 0 for where the kernel likes
   */
  static SharedMemory map(int fd, long address, long size) {
    int flags = address == 0 ? MAP_SHARED : MAP_SHARED | MAP_FIXED_NOREPLACE;
    try {
      long at = (long) MMAP.invokeExact(address, size, PROT_READ_WRITE, flags, fd, 0L);
      if (at == MAP_FAILED) {
        throw new IllegalStateException("the map's memory cannot be had at " + address);
      }
      return new SharedMemory(MemorySegment.ofAddress(at).reinterpret(size));
    } catch (RuntimeException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    try {
      int ignored = (int) MUNMAP.invokeExact(bytes.address(), bytes.byteSize());
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
