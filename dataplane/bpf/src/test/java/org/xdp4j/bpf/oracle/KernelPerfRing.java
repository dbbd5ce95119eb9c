package org.xdp4j.bpf.oracle;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/** A CPU's buffer of perf events in the kernel, as libbpf opens it (perf_event_open(2)). */
public final class KernelPerfRing implements AutoCloseable {
  private static final int PAGE = 4096;
  private static final int DATA_HEAD = 1024;
  private static final int DATA_TAIL = 1032;
  private static final int LOST = 2;
  private static final int SAMPLE = 9;
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle SYSCALL =
      LINKER.downcallHandle(
          LINKER.defaultLookup().find("syscall").orElseThrow(),
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
          Linker.Option.firstVariadicArg(1));
  private static final MethodHandle MMAP =
      LINKER.downcallHandle(
          LINKER.defaultLookup().find("mmap").orElseThrow(),
          FunctionDescriptor.of(
              ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MUNMAP =
      LINKER.downcallHandle(
          LINKER.defaultLookup().find("munmap").orElseThrow(),
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));

  private final int fd;
  private final MemorySegment memory;
  private final int size;

  private KernelPerfRing(int fd, MemorySegment memory, int size) {
    this.fd = fd;
    this.memory = memory;
    this.size = size;
  }

  /**
   * What the buffer held.
   *
   * @param data a sample, with the zeros that fill its last word; null where records were lost
   * @param lost how many were lost before the sample that comes next
   */
  public record Event(byte[] data, long lost) {}

  /** Opens one; null where the kernel does not let us. */
  public static KernelPerfRing open(int cpu, int pages) {
    long number = System.getProperty("os.arch").equals("aarch64") ? 241 : 298;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attr = arena.allocate(112, 8);
      attr.set(JAVA_INT, 0, 1); // PERF_TYPE_SOFTWARE
      attr.set(JAVA_INT, 4, 112);
      attr.set(JAVA_LONG, 8, 10); // PERF_COUNT_SW_BPF_OUTPUT
      attr.set(JAVA_LONG, 16, 1);
      attr.set(JAVA_LONG, 24, 1 << 10); // PERF_SAMPLE_RAW
      attr.set(JAVA_INT, 48, 1);
      int fd = (int) (long) SYSCALL.invokeExact(number, attr, -1L, (long) cpu, -1L, 0L);
      if (fd < 0) {
        return null;
      }
      long all = (1L + pages) * PAGE;
      MemorySegment at = (MemorySegment) MMAP.invokeExact(MemorySegment.NULL, all, 3, 1, fd, 0L);
      return new KernelPerfRing(fd, at.reinterpret(all), pages * PAGE);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  public int fd() {
    return fd;
  }

  /** Takes everything out. */
  public List<Event> drain() {
    List<Event> events = new ArrayList<>();
    long tail = memory.get(JAVA_LONG, DATA_TAIL);
    long head = memory.get(JAVA_LONG, DATA_HEAD);
    while (tail < head) {
      byte[] header = bytes(tail, 8);
      MemorySegment view = MemorySegment.ofArray(header);
      int length = view.get(JAVA_SHORT.withByteAlignment(1), 6) & 0xFFFF;
      MemorySegment record = MemorySegment.ofArray(bytes(tail, length));
      int type = view.get(JAVA_INT.withByteAlignment(1), 0);
      if (type == SAMPLE) {
        int raw = record.get(JAVA_INT.withByteAlignment(1), 8);
        events.add(new Event(record.asSlice(12, raw).toArray(JAVA_BYTE), 0));
      } else if (type == LOST) {
        events.add(new Event(null, record.get(JAVA_LONG.withByteAlignment(1), 16)));
      }
      tail += length;
    }
    memory.set(JAVA_LONG, DATA_TAIL, tail);
    return events;
  }

  private byte[] bytes(long position, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = memory.get(JAVA_BYTE, PAGE + (position + i) % size);
    }
    return bytes;
  }

  @Override
  public void close() {
    try {
      int ignored = (int) MUNMAP.invokeExact(memory, memory.byteSize());
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
    BpfSyscall.close(fd);
  }
}
