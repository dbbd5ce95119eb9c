package org.xdp4j.engine.linux;

import java.io.IOException;

/**
 * Another network namespace (network_namespaces(7)). Whatever a thread opens while it is in one
 * belongs to that one from then on, wherever the thread goes: sockets, taps, and what they find by
 * an interface's name. To enter one takes CAP_SYS_ADMIN.
 */
public final class NetworkNamespace {
  private static final int CLONE_NEWNET = 0x4000_0000;
  private static final String NAMED = "/run/netns/"; // where ip-netns(8) has them

  private NetworkNamespace() {}

  /** Opens something. */
  @FunctionalInterface
  public interface Opening<T> {
    /** Opens it, in the namespace. */
    T open() throws IOException;
  }

  /**
   * Opens something in a namespace.
   *
   * @param name as {@code ip netns} knows it, or the path of its file
   * @throws LinuxException when there is none of that name, or it may not be entered
   */
  public static <T> T in(String name, Opening<T> opening) throws IOException {
    String path = name.startsWith("/") ? name : NAMED + name;
    try (Syscalls system = new Syscalls()) {
      int own =
          LinuxException.check(
              "the own network namespace", system.open("/proc/thread-self/ns/net", 0));
      try {
        int other = LinuxException.check("the network namespace " + name, system.open(path, 0));
        try {
          enter(system, other, "the network namespace " + name);
          return opening.open();
        } finally {
          enter(system, own, "the own network namespace");
          system.close(other);
        }
      } finally {
        system.close(own);
      }
    }
  }

  private static void enter(Syscalls system, int namespace, String what) throws LinuxException {
    LinuxException.check(what, system.call(Numbers.SETNS, namespace, CLONE_NEWNET, 0, 0, 0, 0));
  }
}
