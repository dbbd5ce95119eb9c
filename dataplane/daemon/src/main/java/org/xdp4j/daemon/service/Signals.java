package org.xdp4j.daemon.service;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/**
 * Handlers of the process's signals. The JDK has them in {@code jdk.unsupported} only, which javac
 * warns of wherever it is named; so it is found by name.
 */
public final class Signals {
  private Signals() {}

  /**
   * Has a signal run {@code action}, on a thread of its own, instead of what it does else. Does
   * nothing where the system has no such signal.
   *
   * @param name without SIG, as in {@code HUP}
   */
  public static void handle(String name, Runnable action) {
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
    } catch (ReflectiveOperationException e) {
      return; // There is no such signal here.
    }
  }
}
