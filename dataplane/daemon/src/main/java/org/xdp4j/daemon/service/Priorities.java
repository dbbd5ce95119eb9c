package org.xdp4j.daemon.service;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * Which threads of the process give way where processors are scarce. Linux has a nice value for
 * each thread, which threads inherit from those that make them.
 */
public final class Priorities {
  private static final int PRIO_PROCESS = 0;

  /** Of the fields behind a thread's name. */
  private static final int NICE = 16;

  /**
   * Workers of the forwarder, the thread that those that come later are made by, and the one whose
   * pauses stop all others.
   */
  private static final Pattern KEPT = Pattern.compile("forward-([0-9]+|starter)|VM Thread");

  private Priorities() {}

  /**
   * Has all threads there are, but workers that move frames, give way to others from now on, and
   * all that they make. Takes no privilege.
   *
   * @param nice how much more than now, 0 to 19 (nice(2))
   */
  public static void giveWayToWorkers(int nice) {
    if (nice <= 0 || !CLibrary.isLinux()) {
      return;
    }
    CLibrary.Function set = CLibrary.ofInt("setpriority");
    for (int thread : ThreadCall.threads()) {
      String name = ThreadCall.status(thread, "Name");
      if (!KEPT.matcher(name).matches()) {
        set.call(PRIO_PROCESS, thread, Math.min(19, niceOf(thread) + nice));
      }
    }
  }

  /** What a thread has now, by proc_pid_stat(5); 0 for one that has ended. */
  private static int niceOf(int thread) {
    try {
      String stat = Files.readString(Path.of("/proc/self/task/" + thread + "/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      return Integer.parseInt(fields[NICE]);
    } catch (IOException ended) {
      return 0;
    }
  }
}
