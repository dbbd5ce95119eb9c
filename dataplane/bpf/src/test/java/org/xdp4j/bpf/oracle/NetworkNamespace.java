package org.xdp4j.bpf.oracle;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * A network namespace of a test's own, which ends with the thread that lives in it: nothing is left
 * to clean up.
 */
public final class NetworkNamespace {
  private static final int CLONE_NEWNET = 0x40000000;

  private NetworkNamespace() {}

  /** What runs in it. */
  @FunctionalInterface
  public interface Task {
    /** Does it. */
    void run() throws Exception;
  }

  /** Runs {@code task} on a thread in a new namespace; skips the test where none can be made. */
  public static void run(Task task) throws Exception {
    FutureTask<Boolean> future =
        new FutureTask<>(
            () -> {
              if (!unshare()) {
                return false;
              }
              task.run();
              return true;
            });
    Thread.ofPlatform().name("namespace").start(future);
    try {
      Assumptions.assumeTrue(future.get(), "no network namespace can be made: not root");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw (Error) e.getCause();
    }
  }

  /** Runs {@code ip} with these arguments in the calling thread's namespace. */
  public static String ip(String arguments) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(("ip " + arguments).split(" ")).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IllegalStateException("ip " + arguments + ": " + said);
    }
    return said;
  }

  /** Sets a file below /proc/sys/net. */
  public static void set(String name, int value) throws IOException {
    Files.writeString(Path.of("/proc/sys/net").resolve(name), value + "\n");
  }

  private static boolean unshare() {
    if (!System.getProperty("os.name").equals("Linux")) {
      return false;
    }
    Linker linker = Linker.nativeLinker();
    MethodHandle call =
        linker.downcallHandle(
            linker.defaultLookup().find("unshare").orElseThrow(),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    try {
      return (int) call.invokeExact(CLONE_NEWNET) == 0;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
