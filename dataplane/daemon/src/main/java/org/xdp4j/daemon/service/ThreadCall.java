package org.xdp4j.daemon.service;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A system call that concerns only the thread that makes it, made by every thread of the process:
 * capabilities and "no new privileges" are a thread's own, and the JVM has threads that no code of
 * ours runs on. As libpsx does it: each thread is sent a signal whose handler makes the call. The
 * handler is a few instructions in a page of their own, since no code of the JVM may run there:
 *
 * <pre>
 *   mov eax, NUMBER     b8 imm32         mov r10, D     49 ba imm64
 *   mov rdi, A          48 bf imm64      mov r8, E      49 b8 imm64
 *   mov rsi, B          48 be imm64      syscall        0f 05
 *   mov rdx, C          48 ba imm64      ret            c3
 * </pre>
 */
final class ThreadCall {
  private static final int SIGNAL = 50; // A real-time signal that neither JVM nor C library use.
  private static final long SA_RESTART_ONSTACK = 0x1000_0000L | 0x0800_0000L;
  private static final long SIG_IGN = 1;
  private static final int SIGACTION_SIZE = 152;
  private static final long FLAGS_AT = 136;
  private static final int PAGE = 4096;
  private static final int PROT_READ_WRITE = 3;
  private static final int PROT_READ_EXEC = 5;
  private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
  private static final int SYS_TGKILL = 234;
  private static final Path THREADS = Path.of("/proc/self/task");

  private ThreadCall() {}

  /** Whether threads can be made to: on x86-64 under Linux. */
  static boolean isPossible() {
    return CLibrary.isLinux() && System.getProperty("os.arch").equals("amd64");
  }

  /** All threads' numbers. */
  static List<Integer> threads() {
    List<Integer> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(THREADS)) {
      entries.forEach(each -> found.add(Integer.parseInt(each.getFileName().toString())));
    } catch (java.io.IOException | java.nio.file.DirectoryIteratorException e) {
      return List.of();
    }
    return found;
  }

  /**
   * Has these threads make a call soon.
   *
   * @param arguments of the call, five
   */
  static void make(List<Integer> threads, int number, long... arguments) {
    handle(code(number, arguments));
    CLibrary.Function kill = CLibrary.ofLong("syscall");
    for (int thread : threads) {
      kill.call((long) SYS_TGKILL, ProcessHandle.current().pid(), (long) thread, (long) SIGNAL);
    }
  }

  /** The signal has no meaning any more. */
  static void end() {
    handle(SIG_IGN);
  }

  /** Puts the handler into a page of its own; it stays, as a thread may just be leaving it. */
  private static long code(int number, long... arguments) {
    ByteBuffer code = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    code.put((byte) 0xb8).putInt(number);
    int[] moves = {0x48bf, 0x48be, 0x48ba, 0x49ba, 0x49b8};
    for (int i = 0; i < moves.length; i++) {
      code.put((byte) (moves[i] >> 8)).put((byte) moves[i]).putLong(arguments[i]);
    }
    code.put((byte) 0x0f).put((byte) 0x05).put((byte) 0xc3);
    long page =
        CLibrary.ofLong("mmap")
            .call(0L, (long) PAGE, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0L);
    require(page);
    MemorySegment.ofAddress(page).reinterpret(PAGE).copyFrom(MemorySegment.ofArray(code.array()));
    require(CLibrary.ofInt("mprotect").call(page, (long) PAGE, PROT_READ_EXEC));
    return page;
  }

  private static void handle(long handler) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment action = arena.allocate(SIGACTION_SIZE, Long.BYTES);
      action.set(JAVA_LONG, 0, handler);
      action.set(JAVA_LONG_UNALIGNED, FLAGS_AT, SA_RESTART_ONSTACK);
      require(CLibrary.ofInt("sigaction").call(SIGNAL, action, MemorySegment.NULL));
    }
  }

  private static void require(long result) {
    if (result < 0 && result > -PAGE) {
      throw new IllegalStateException(CLibrary.error(result));
    }
  }

  /** A line of a thread's {@code status}, see proc_pid_status(5); empty when the thread is gone. */
  static String status(int thread, String name) {
    try (var lines = Files.lines(THREADS.resolve(thread + "/status"))) {
      return lines
          .filter(line -> line.startsWith(name + ":"))
          .map(line -> line.substring(name.length() + 1).strip())
          .findFirst()
          .orElse("");
    } catch (java.io.IOException | java.io.UncheckedIOException e) {
      return "";
    }
  }

  /** Memory that is never freed: the kernel may read it until the last thread has made its call. */
  static MemorySegment permanent(int... words) {
    MemorySegment memory = Arena.global().allocate((long) words.length * Integer.BYTES, 8);
    MemorySegment.copy(words, 0, memory, ValueLayout.JAVA_INT, 0, words.length);
    return memory;
  }
}
