package org.xdp4j.bpf.oracle;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** A program the running kernel accepted. */
public final class KernelProgram implements AutoCloseable {
  /** BPF_F_TEST_XDP_LIVE_FRAMES. */
  private static final int LIVE_FRAMES = 2;

  private final int fd;
  private final String log;

  KernelProgram(int fd, String log) {
    this.fd = fd;
    this.log = log;
  }

  /** A program that is pinned at {@code path}. */
  public static KernelProgram pinned(Path path) {
    int fd = BpfSyscall.open(path);
    if (fd < 0) {
      throw new IllegalStateException("cannot open " + path + ": errno " + -fd);
    }
    return new KernelProgram(fd, "");
  }

  /**
   * What {@code BPF_PROG_TEST_RUN} gave back.
   *
   * @param error 0 or the negative errno
   * @param returnCode r0, when there was no error
   * @param data the packet afterwards
   * @param nanosPerRun as the kernel measured it, about 30 ns of its own included
   */
  public record Run(int error, int returnCode, byte[] data, int nanosPerRun) {}

  public int fd() {
    return fd;
  }

  /** The verifier's log. */
  public String log() {
    return log;
  }

  /** Runs once over {@code packet} (at least 14 bytes). */
  public Run run(byte[] packet) {
    return run(packet, 1);
  }

  /** Runs {@code repeat} times over {@code packet}, which the kernel does not reset in between. */
  public Run run(byte[] packet, int repeat) {
    return run(packet, repeat, 0);
  }

  /**
   * The same with a first buffer of {@code linear} bytes, which Linux knows since 6.18; 0 for as
   * many as fit.
   */
  public Run run(byte[] packet, int repeat, int linear) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment in = arena.allocate(Math.max(1, packet.length), 8);
      in.copyFrom(MemorySegment.ofArray(packet));
      MemorySegment out = arena.allocate(packet.length + 8192L, 8);
      MemorySegment attr = BpfSyscall.attr(arena);
      attr.set(JAVA_INT, 0, fd);
      attr.set(JAVA_INT, 8, packet.length);
      attr.set(JAVA_INT, 12, (int) out.byteSize());
      attr.set(JAVA_LONG, 16, in.address());
      attr.set(JAVA_LONG, 24, out.address());
      attr.set(JAVA_INT, 32, repeat);
      if (linear > 0) {
        MemorySegment context = arena.allocate(24, 8);
        context.set(JAVA_INT, 4, linear);
        attr.set(JAVA_INT, 40, (int) context.byteSize());
        attr.set(JAVA_LONG, 48, context.address());
      }
      int result = BpfSyscall.call(arena, BpfSyscall.PROG_TEST_RUN, attr);
      byte[] data =
          out.asSlice(0, result < 0 ? 0 : attr.get(JAVA_INT, 12)).toArray(ValueLayout.JAVA_BYTE);
      return new Run(Math.min(result, 0), attr.get(JAVA_INT, 4), data, attr.get(JAVA_INT, 36));
    }
  }

  /**
   * Runs {@code repeat} times over frames whose verdicts are carried out
   * (BPF_F_TEST_XDP_LIVE_FRAMES): passed to the system's own stack, sent, redirected. They are as
   * {@code packet} at first; the kernel uses frames again as the last run left them.
   *
   * @param batch frames that are run together, at most 256
   * @param ingress the interface they come in on, of the calling thread's network namespace
   * @return 0 or the negative errno
   */
  public int runLive(byte[] packet, int repeat, int batch, int ingress) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment in = arena.allocate(packet.length, 8);
      in.copyFrom(MemorySegment.ofArray(packet));
      MemorySegment context = arena.allocate(24, 8);
      context.set(JAVA_INT, 4, packet.length);
      context.set(JAVA_INT, 12, ingress);
      MemorySegment attr = BpfSyscall.attr(arena);
      attr.set(JAVA_INT, 0, fd);
      attr.set(JAVA_INT, 8, packet.length);
      attr.set(JAVA_LONG, 16, in.address());
      attr.set(JAVA_INT, 32, repeat);
      attr.set(JAVA_INT, 40, (int) context.byteSize());
      attr.set(JAVA_LONG, 48, context.address());
      attr.set(JAVA_INT, 64, LIVE_FRAMES);
      attr.set(JAVA_INT, 72, batch);
      return Math.min(0, BpfSyscall.call(arena, BpfSyscall.PROG_TEST_RUN, attr));
    }
  }

  @Override
  public void close() {
    BpfSyscall.close(fd);
  }
}
