package org.xdp4j.daemon.service;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Gives up, for good, what the process was allowed at its start: root, capabilities (see
 * capabilities(7)), and the gain of others by running set-user-id programs. Afterwards it looks
 * whether every thread, the JVM's own included, has given them up.
 */
public final class Privileges {
  private static final int CAPABILITY_VERSION_3 = 0x2008_0522;
  private static final int SYS_CAPSET = 126; // x86-64
  private static final int SYS_PRCTL = 157; // x86-64
  private static final int PR_SET_NO_NEW_PRIVS = 38;
  private static final int TRIES = 200;
  private static final long PAUSE = 5_000_000;

  private Privileges() {}

  /** Whether the process is root's. */
  public static boolean isRoot() {
    return CLibrary.isLinux() && CLibrary.ofInt("geteuid").call() == 0;
  }

  /**
   * Gives up everything.
   *
   * @param account whom the process belongs to afterwards, if it is root's now; null to stay
   * @return what was done, a sentence
   * @throws PrivilegeException when something cannot be given up
   */
  public static String drop(Account account) throws PrivilegeException {
    if (!CLibrary.isLinux()) {
      return "privileges are kept: there is no way known to give them up on this system";
    }
    boolean becomes = account != null && isRoot();
    if (becomes) {
      become(account);
    }
    String who = becomes ? account.name() : "" + CLibrary.ofInt("geteuid").call();
    if (!ThreadCall.isPossible()) {
      return "runs as user " + who + "; capabilities are kept on this kind of machine";
    }
    if (isRoot()) {
      forbidNew();
      return "runs as root, with all its privileges";
    }
    dropCapabilities();
    forbidNew();
    return "runs as user " + who + ", without capabilities or the way to new ones";
  }

  /** The C library has all threads follow; capabilities go with the last of root's user ids. */
  private static void become(Account account) throws PrivilegeException {
    CLibrary.Function setGroups = CLibrary.ofInt("setgroups");
    require(setGroups.call(0L, MemorySegment.NULL), "supplementary groups cannot be given up");
    int group = account.group();
    require(CLibrary.ofInt("setresgid").call(group, group, group), "the group stays root's");
    int user = account.user();
    require(CLibrary.ofInt("setresuid").call(user, user, user), "the user stays root");
    if (user != 0 && CLibrary.ofInt("setresuid").call(-1, 0, -1) >= 0) {
      throw new PrivilegeException("root was given up, but could be had back");
    }
  }

  private static void dropCapabilities() throws PrivilegeException {
    MemorySegment header = ThreadCall.permanent(CAPABILITY_VERSION_3, 0);
    MemorySegment none = ThreadCall.permanent(0, 0, 0, 0, 0, 0);
    everyThread("CapPrm", "0+", SYS_CAPSET, header.address(), none.address(), 0, 0, 0);
  }

  private static void forbidNew() throws PrivilegeException {
    everyThread("NoNewPrivs", "1", SYS_PRCTL, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  }

  private static void everyThread(String line, String wanted, int number, long... arguments)
      throws PrivilegeException {
    try {
      List<Integer> left = without(line, wanted);
      for (int i = 0; i < TRIES && !left.isEmpty(); i++) {
        if (i % 20 == 0) {
          ThreadCall.make(left, number, arguments);
        }
        LockSupport.parkNanos(PAUSE);
        left = without(line, wanted);
      }
      ThreadCall.end();
      if (!left.isEmpty()) {
        throw new PrivilegeException(
            "threads " + left + " keep their privileges (" + line + " of /proc/self/task)");
      }
    } catch (IllegalStateException e) {
      throw new PrivilegeException("privileges cannot be given up: " + e.getMessage());
    }
  }

  /** The threads that are there and have not what is wanted. */
  private static List<Integer> without(String line, String wanted) {
    return ThreadCall.threads().stream()
        .filter(
            thread -> {
              String now = ThreadCall.status(thread, line);
              return !now.isEmpty() && !now.matches(wanted);
            })
        .toList();
  }

  private static void require(long result, String otherwise) throws PrivilegeException {
    if (result < 0) {
      throw new PrivilegeException(otherwise + ": " + CLibrary.error(result));
    }
  }
}
