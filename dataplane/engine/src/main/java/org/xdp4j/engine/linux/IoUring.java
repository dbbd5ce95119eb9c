package org.xdp4j.engine.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * Reads and writes of one descriptor, many in one system call: io_uring(7). Every request is made
 * without waiting (RWF_NOWAIT), so all are done, in the order they were given, when {@link #submit}
 * returns; nothing is ever left with the kernel, and frames stay in order.
 *
 * <pre>
 *   read, write ... -&gt; submit -&gt; next: tag, result; next: tag, result; ...
 * </pre>
 *
 * <p>Owned by one thread at a time.
 */
public final class IoUring implements AutoCloseable {
  // struct io_uring_params (linux/io_uring.h): 40 bytes, then the offsets of both rings' fields.
  private static final int PARAMS = 120;
  private static final int P_SQ_ENTRIES = 0;
  private static final int P_CQ_ENTRIES = 4;
  private static final int P_FEATURES = 20;
  private static final int P_SQ = 40;
  private static final int P_CQ = 80;
  private static final int FEAT_SINGLE_MMAP = 1;
  private static final long OFF_RINGS = 0;
  private static final long OFF_ENTRIES = 0x1000_0000;
  private static final int REGISTER_BUFFERS = 0;
  private static final int UNREGISTER_BUFFERS = 1;
  private static final int REGISTER_FILES = 2;
  private static final int UNREGISTER_FILES = 3;
  private static final int NO_BUFFER = -1;

  // struct io_uring_sqe: opcode 0, flags 1, fd 4, offset 8, address 16, length 24, rw_flags 28, tag
  // 32, buffer index 40, zeros.
  private static final int SQE = 64;
  private static final int CQE = 16;
  private static final byte OP_READ_FIXED = 4;
  private static final byte OP_WRITE_FIXED = 5;
  private static final byte OP_READ = 22;
  private static final byte OP_WRITE = 23;
  private static final byte FIXED_FILE = 1;
  private static final int RWF_NOWAIT = 8;

  private static final int FLAGS = Syscalls.MAP_SHARED | Syscalls.MAP_POPULATE;

  private static final VarHandle INT = JAVA_INT.varHandle();

  private final Syscalls system;
  private final int ring;
  private final long ringsAt;
  private final long ringsLength;
  private final long entriesAt;
  private final long entriesLength;
  private final MemorySegment rings;
  private final MemorySegment entries;
  private final long sqTailAt;
  private final int sqMask;
  private final long cqHeadAt;
  private final long cqTailAt;
  private final long cqesAt;
  private final int cqMask;
  private int sqTail;
  private int submitted;
  private int cqHead;
  private int cqTail;
  private long tag;
  private int result;

  private IoUring(Syscalls system, int ring, MemorySegment params) throws LinuxException {
    this.system = system;
    this.ring = ring;
    if ((params.get(JAVA_INT, P_FEATURES) & FEAT_SINGLE_MMAP) == 0) {
      throw new LinuxException("io_uring with one mapping", -Errno.ENOSYS);
    }
    int sqSize = params.get(JAVA_INT, P_SQ_ENTRIES);
    long cqes = Integer.toUnsignedLong(params.get(JAVA_INT, P_CQ + 20));
    long array = Integer.toUnsignedLong(params.get(JAVA_INT, P_SQ + 24));
    ringsLength =
        Math.max(cqes + (long) CQE * params.get(JAVA_INT, P_CQ_ENTRIES), array + 4L * sqSize);
    entriesLength = (long) SQE * sqSize;
    ringsAt = map(ringsLength, OFF_RINGS);
    long at = system.mmap(entriesLength, FLAGS, ring, OFF_ENTRIES);
    if (at < 0) {
      system.munmap(ringsAt, ringsLength);
      throw new LinuxException("io_uring's memory", at);
    }
    entriesAt = at;
    rings = MemorySegment.ofAddress(ringsAt).reinterpret(ringsLength);
    entries = MemorySegment.ofAddress(entriesAt).reinterpret(entriesLength);
    sqTailAt = params.get(JAVA_INT, P_SQ + 4);
    sqMask = rings.get(JAVA_INT, params.get(JAVA_INT, P_SQ + 8));
    cqHeadAt = params.get(JAVA_INT, P_CQ);
    cqTailAt = params.get(JAVA_INT, P_CQ + 4);
    cqMask = rings.get(JAVA_INT, params.get(JAVA_INT, P_CQ + 8));
    cqesAt = cqes;
    for (int i = 0; i < sqSize; i++) {
      rings.set(JAVA_INT, array + 4L * i, i);
    }
  }

  private long map(long length, long offset) throws LinuxException {
    long at = system.mmap(length, FLAGS, ring, offset);
    if (at < 0) {
      throw new LinuxException("io_uring's memory", at);
    }
    return at;
  }

  /**
   * Makes one for a descriptor.
   *
   * @param size requests in one system call, a power of two
   * @throws LinuxException where there is no io_uring or it is refused
   */
  public static IoUring open(Syscalls system, int descriptor, int size) throws LinuxException {
    try (Arena local = Arena.ofConfined()) {
      MemorySegment params = local.allocate(PARAMS, 8);
      int ring =
          LinuxException.check(
              "io_uring", system.call(Numbers.IO_URING_SETUP, size, params.address(), 0, 0, 0, 0));
      try {
        IoUring made = new IoUring(system, ring, params);
        MemorySegment files = local.allocateFrom(JAVA_INT, descriptor);
        long registered =
            system.call(Numbers.IO_URING_REGISTER, ring, REGISTER_FILES, files.address(), 1, 0, 0);
        if (registered < 0) {
          made.unmap();
          throw new LinuxException("a file for io_uring", registered);
        }
        return made;
      } catch (LinuxException e) {
        system.close(ring);
        throw e;
      }
    }
  }

  /** How many requests more can be given before {@link #submit}. */
  public int room() {
    return sqMask + 1 - (sqTail - submitted);
  }

  /**
   * Makes memory known to the kernel once and for all, so that it need not look it up again for
   * every request. It stays in memory until the ring is closed, and counts against RLIMIT_MEMLOCK.
   *
   * @param ranges address and length, and so on; buffer 0 is the first of them
   * @return 0, or a negative {@link Errno}: everything works without, too
   */
  public long register(long... ranges) {
    try (Arena local = Arena.ofConfined()) {
      MemorySegment vectors = local.allocateFrom(JAVA_LONG, ranges);
      return system.call(
          Numbers.IO_URING_REGISTER,
          ring,
          REGISTER_BUFFERS,
          vectors.address(),
          ranges.length / 2,
          0,
          0);
    }
  }

  /**
   * Reads so many bytes to an address.
   *
   * @param buffer which one of {@link #register} it is in, or -1
   */
  public void read(long address, int length, int buffer, long tag) {
    put(buffer == NO_BUFFER ? OP_READ : OP_READ_FIXED, address, length, buffer, tag);
  }

  /**
   * Writes so many bytes from an address.
   *
   * @param buffer which one of {@link #register} it is in, or -1
   */
  public void write(long address, int length, int buffer, long tag) {
    put(buffer == NO_BUFFER ? OP_WRITE : OP_WRITE_FIXED, address, length, buffer, tag);
  }

  private void put(byte operation, long address, int length, int buffer, long tag) {
    long at = (long) SQE * (sqTail & sqMask);
    MemorySegment to = entries;
    to.set(JAVA_LONG, at, operation | (long) FIXED_FILE << 8); // of the only file, number 0
    to.set(JAVA_LONG, at + 8, 0);
    to.set(JAVA_LONG, at + 16, address);
    to.set(JAVA_LONG, at + 24, length | (long) RWF_NOWAIT << 32);
    to.set(JAVA_LONG, at + 32, tag);
    to.set(JAVA_LONG, at + 40, Math.max(0, buffer));
    to.set(JAVA_LONG, at + 48, 0);
    to.set(JAVA_LONG, at + 56, 0);
    sqTail++;
  }

  /**
   * Has everything done that was given.
   *
   * @return how many results there are, or a negative {@link Errno}
   */
  public int submit() {
    INT.setRelease(rings, sqTailAt, sqTail);
    while (submitted != sqTail) {
      long count = system.call(Numbers.IO_URING_ENTER, ring, sqTail - submitted, 0, 0, 0, 0);
      if (count < 0) {
        if (count == -Errno.EINTR) {
          continue;
        }
        return (int) count;
      }
      if (count == 0) {
        return -Errno.EAGAIN;
      }
      submitted += (int) count;
    }
    cqTail = (int) INT.getAcquire(rings, cqTailAt);
    return cqTail - cqHead;
  }

  /** Moves to the next result; false when there is none. */
  public boolean next() {
    if (cqHead == cqTail) {
      INT.setRelease(rings, cqHeadAt, cqHead);
      return false;
    }
    long at = cqesAt + (long) CQE * (cqHead & cqMask);
    tag = rings.get(JAVA_LONG, at);
    result = rings.get(JAVA_INT, at + 8);
    cqHead++;
    return true;
  }

  /** Which request it is the result of. */
  public long tag() {
    return tag;
  }

  /** Bytes read or written, or a negative {@link Errno}. */
  public int result() {
    return result;
  }

  private void unmap() {
    system.munmap(entriesAt, entriesLength);
    system.munmap(ringsAt, ringsLength);
  }

  /** Lets go of descriptor and memory now: the kernel ends a ring some time after it is closed. */
  @Override
  public void close() {
    system.call(Numbers.IO_URING_REGISTER, ring, UNREGISTER_BUFFERS, 0, 0, 0, 0);
    system.call(Numbers.IO_URING_REGISTER, ring, UNREGISTER_FILES, 0, 0, 0, 0);
    unmap();
    system.close(ring);
  }
}
