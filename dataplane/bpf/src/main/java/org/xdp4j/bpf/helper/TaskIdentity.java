package org.xdp4j.bpf.helper;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Who the thread that runs a program is to the system: what {@code current} says in a kernel. Read
 * from /proc once a thread; where there is none, the process alone is known.
 *
 * @param pidTgid process id in the upper half, thread id in the lower one
 * @param uidGid group id in the upper half, user id in the lower one
 * @param name the thread's name as the system has it, 15 bytes at the most
 * @param pidNamespaceDevice where {@code /proc/self/ns/pid} lies, 0 when unknown
 * @param pidNamespaceInode which one it is
 * @param cgroups ids of its cgroup's ancestors, the root first, itself last
 */
record TaskIdentity(
    long pidTgid,
    long uidGid,
    byte[] name,
    long pidNamespaceDevice,
    long pidNamespaceInode,
    long[] cgroups) {

  private static final ThreadLocal<TaskIdentity> CURRENT =
      ThreadLocal.withInitial(TaskIdentity::read);

  private static final Path THREAD = Path.of("/proc/thread-self");
  private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

  /** {@code TASK_COMM_LEN} without the NUL. */
  private static final int NAME_SIZE = 15;

  /** The user and group that stand for an unknown one (/proc/sys/kernel/overflowuid). */
  private static final long NOBODY = 65534;

  /** The id of the root of all cgroups. */
  private static final long ROOT_CGROUP = 1;

  /** The calling thread's. */
  static TaskIdentity current() {
    return CURRENT.get();
  }

  private static TaskIdentity read() {
    Path pidNamespace = Path.of("/proc/self/ns/pid");
    return new TaskIdentity(
        readPidTgid(),
        id("Gid:") << 32 | id("Uid:"),
        readName(),
        attribute(pidNamespace, "unix:dev", 0),
        attribute(pidNamespace, "unix:ino", 0),
        readCgroups());
  }

  private static long readPidTgid() {
    try {
      Path link = Files.readSymbolicLink(THREAD);
      return Long.parseLong(link.getName(0).toString()) << 32
          | Long.parseLong(link.getFileName().toString());
    } catch (IOException | UnsupportedOperationException | NumberFormatException unknown) {
      long pid = ProcessHandle.current().pid() & 0xFFFFFFFFL;
      return pid << 32 | pid;
    }
  }

  /** The real id in a line of the thread's status. */
  private static long id(String line) {
    for (String text : lines("status")) {
      if (text.startsWith(line)) {
        return Long.parseLong(text.split("\\s+")[1]) & 0xFFFFFFFFL;
      }
    }
    return NOBODY;
  }

  private static byte[] readName() {
    List<String> lines = lines("comm");
    String name = lines.isEmpty() ? Thread.currentThread().getName() : lines.getFirst();
    byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
    return Arrays.copyOf(bytes, Math.min(bytes.length, NAME_SIZE));
  }

  private static long[] readCgroups() {
    for (String line : lines("cgroup")) {
      if (line.startsWith("0::/")) {
        Path path = Path.of(line.substring(4));
        int levels = line.length() == 4 ? 0 : path.getNameCount();
        long[] ids = new long[levels + 1];
        ids[0] = ROOT_CGROUP;
        for (int i = 1; i <= levels; i++) {
          ids[i] = attribute(CGROUPS.resolve(path.subpath(0, i)), "unix:ino", ROOT_CGROUP);
        }
        return ids;
      }
    }
    return new long[] {ROOT_CGROUP};
  }

  private static List<String> lines(String file) {
    try {
      return Files.readAllLines(THREAD.resolve(file), StandardCharsets.ISO_8859_1);
    } catch (IOException unknown) {
      return List.of();
    }
  }

  private static long attribute(Path file, String name, long otherwise) {
    try {
      return ((Number) Files.getAttribute(file, name)).longValue();
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException unknown) {
      return otherwise;
    }
  }
}
