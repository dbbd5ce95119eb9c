package org.xdp4j.daemon.service;

import java.util.regex.Pattern;

/**
 * Which threads of the process give way where processors are scarce. Linux has a nice value for
 * each thread, which threads inherit from those that make them.
 */
public final class Priorities {
  private static final int PRIO_PROCESS = 0;

  /** Workers of the forwarder, and the thread whose pauses stop all others. */
  private static final Pattern KEPT = Pattern.compile("forward-[0-9]+|VM Thread");

  private Priorities() {}

  /**
   * Has all threads there are, but workers that move frames, give way to others from now on, and
   * all that they make. Takes no privilege.
   *
   * @param nice how much, 0 to 19 (nice(2))
   */
  public static void giveWayToWorkers(int nice) {
    if (nice == 0 || !CLibrary.isLinux()) {
      return;
    }
    CLibrary.Function set = CLibrary.ofInt("setpriority");
    for (int thread : ThreadCall.threads()) {
      String name = ThreadCall.status(thread, "Name");
      if (!KEPT.matcher(name).matches()) {
        set.call(PRIO_PROCESS, thread, nice);
      }
    }
  }
}
