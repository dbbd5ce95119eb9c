package org.xdp4j.bpf.oracle;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Runs a task on one CPU, so that a program's per-CPU values all land in that CPU's slot. */
public final class Pinned {
  private static final int MASK_BYTES = 128;

  private Pinned() {}

  /** Runs {@code task} on a thread of its own, pinned to {@code cpu} where the system allows. */
  public static void run(int cpu, Runnable task) throws InterruptedException {
    FutureTask<Void> future =
        new FutureTask<>(
            () -> {
              pin(cpu);
              task.run();
            },
            null);
    Thread.ofPlatform().name("pinned").start(future);
    try {
      future.get();
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    }
  }

  private static void pin(int cpu) {
    if (!System.getProperty("os.name").equals("Linux")) {
      return;
    }
    Linker linker = Linker.nativeLinker();
    MethodHandle setAffinity =
        linker.downcallHandle(
            linker.defaultLookup().find("sched_setaffinity").orElseThrow(),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG,
                ValueLayout.ADDRESS));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment mask = arena.allocate(MASK_BYTES, 8);
      mask.set(ValueLayout.JAVA_BYTE, cpu / 8, (byte) (1 << cpu % 8));
      int result = (int) setAffinity.invokeExact(0, (long) MASK_BYTES, mask);
      if (result != 0) {
        throw new IllegalStateException("cannot pin to CPU " + cpu);
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
