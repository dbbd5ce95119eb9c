package org.xdp4j.bench;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.xdp4j.engine.linux.Syscalls;

/**
 * Gives a thread precedence over what else wants its CPU, where the system allows it (root): nice
 * -20, and turns of 100 microseconds, by {@code sched_setattr(2)}. It is not real time: that would
 * stop the machine as long as the thread spins, and be stopped itself for 50 ms of each second.
 *
 * <p>Where a session's processes are a group to the scheduler (sched(7), autogroup) that says only
 * how the group's share is divided, so the group gets precedence too: {@link #ownGroup} is for a
 * process that is to have it.
 */
final class Precedence {
  private static final boolean X86 = System.getProperty("os.arch").equals("amd64");
  private static final int SCHED_SETATTR = X86 ? 314 : 274;
  private static final int SIZE = 48; // struct sched_attr, linux/sched/types.h
  private static final int NICE = 16;
  private static final int RUNTIME = 24;
  private static final int LEAST_NICE = -20;
  private static final long TURN = 100_000;

  private static final Path GROUP = Path.of("/proc/self/autogroup");

  private Precedence() {}

  /** A command in a session of its own, so that precedence of its group is nobody else's. */
  static List<String> ownGroup(List<String> command) {
    if (!Processes.installed("setsid")) {
      return command;
    }
    List<String> whole = new ArrayList<>(List.of("setsid"));
    whole.addAll(command);
    return whole;
  }

  /**
   * Gives it to a thread, by its number in the system.
   *
   * @return whether the system did
   */
  static boolean give(long thread) {
    try {
      Files.writeString(GROUP, Integer.toString(LEAST_NICE));
    } catch (IOException e) {
      // there are no groups, or this is not root
    }
    try (Arena arena = Arena.ofConfined();
        Syscalls system = new Syscalls()) {
      MemorySegment attributes = arena.allocate(SIZE, Long.BYTES);
      attributes.set(ValueLayout.JAVA_INT, 0, SIZE);
      attributes.set(ValueLayout.JAVA_INT, NICE, LEAST_NICE);
      attributes.set(ValueLayout.JAVA_LONG, RUNTIME, TURN);
      return system.call(SCHED_SETATTR, thread, attributes.address(), 0, 0, 0, 0) == 0;
    }
  }
}
