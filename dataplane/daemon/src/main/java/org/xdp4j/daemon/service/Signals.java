package org.xdp4j.daemon.service;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/**
 * Handlers of the process's signals. The JDK has them in {@code jdk.unsupported} only, which javac
 * warns of wherever it is named; so it is found by name.
 */
public final class Signals {
  /** SIG_DFL and SIG_IGN (bits/signum-generic.h). */
  private static final long DEFAULT = 0;

  private static final long IGNORE = 1;

  /** More than any struct sigaction has; its first member is the handler. */
  private static final int SIGACTION = 256;

  private Signals() {}

  /**
   * Has a signal run {@code action}, on a thread of its own, instead of what it does else. One that
   * was ignored when the process began stays so: the JVM sees to that.
   *
   * @param name without SIG, as in {@code HUP}
   * @return false where that cannot be: the system has no such signal, or the JVM was told to leave
   *     it alone (-Xrs)
   */
  public static boolean handle(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      InvocationHandler invocation =
          (proxy, method, arguments) ->
              switch (method.getName()) {
                case "handle" -> {
                  action.run();
                  yield null;
                }
                case "hashCode" -> System.identityHashCode(proxy);
                case "equals" -> proxy == arguments[0];
                default -> "handler of SIG" + name;
              };
      Object made =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(), new Class<?>[] {handler}, invocation);
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), made);
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }

  /**
   * The same also for a signal that was ignored when the process began, as {@code nohup} and some
   * that start daemons have it: what means something to this process is never to be ignored.
   */
  public static boolean handleAlways(String name, Runnable action) {
    boolean heeded = CLibrary.isLinux() && heed(number(name));
    boolean handled = handle(name, action);
    if (heeded && !handled) {
      CLibrary.ofLong("signal").call(number(name), IGNORE);
    }
    return handled;
  }

  private static int number(String name) {
    return switch (name) { // the same on all of Linux (signal(7))
      case "HUP" -> 1;
      case "TERM" -> 15;
      default -> throw new IllegalArgumentException(name);
    };
  }

  /**
   * Has an ignored signal do what it does by default, which lets the JVM take it.
   *
   * @return whether it was ignored
   */
  private static boolean heed(int number) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment action = arena.allocate(SIGACTION, 8);
      boolean ignored =
          CLibrary.ofInt("sigaction").call(number, 0, action) == 0
              && action.get(JAVA_LONG, 0) == IGNORE;
      if (ignored) {
        CLibrary.ofLong("signal").call(number, DEFAULT);
      }
      return ignored;
    }
  }
}
