package org.xdp4j.bpf.oracle;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A thread that chooses the CPU it runs on, for tests of what the kernel keeps for each CPU. It
 * ends with its task, and no other thread's choice changes.
 */
public final class BoundThread {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle SET_AFFINITY =
      LINKER.downcallHandle(
          LINKER.defaultLookup().find("sched_setaffinity").orElseThrow(),
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG,
              ValueLayout.ADDRESS));

  private BoundThread() {}

  /** What runs on it. */
  @FunctionalInterface
  public interface Task {
    /** Does it. */
    void run() throws Exception;
  }

  /** Runs {@code task} on a new thread and waits for its end. */
  public static void run(Task task) throws Exception {
    FutureTask<Void> future =
        new FutureTask<>(
            () -> {
              task.run();
              return null;
            });
    Thread.ofPlatform().name("bound").start(future);
    try {
      future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw (Error) e.getCause();
    }
  }

  /** Moves the calling thread to a CPU below 64. */
  public static void moveTo(int cpu) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment mask = arena.allocate(JAVA_LONG);
      mask.set(JAVA_LONG, 0, 1L << cpu);
      int result = (int) SET_AFFINITY.invokeExact(0, mask.byteSize(), mask);
      if (result != 0) {
        throw new IllegalStateException("this thread may not run on CPU " + cpu);
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
