package org.xdp4j.engine.worker;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.BitSet;
import java.util.Optional;

/**
 * Binds the calling thread to a CPU with {@code sched_setaffinity(2)}, where there is one. Only
 * CPUs the process was allowed when this class was first asked are used.
 */
public final class Affinity {
  private static final int SET_BYTES = 1024;
  private static final int CALLING_THREAD = 0;

  private final MethodHandle get;
  private final MethodHandle set;
  private final int[] allowed;

  private Affinity(MethodHandle get, MethodHandle set) {
    this.get = get;
    this.set = set;
    this.allowed = read().stream().toArray();
  }

  /** What this system offers; empty where threads cannot be bound. */
  public static Optional<Affinity> ofSystem() {
    try {
      Linker linker = Linker.nativeLinker();
      SymbolLookup symbols = linker.defaultLookup();
      FunctionDescriptor shape =
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG,
              ValueLayout.ADDRESS);
      Optional<MemorySegment> get = symbols.find("sched_getaffinity");
      Optional<MemorySegment> set = symbols.find("sched_setaffinity");
      if (get.isEmpty() || set.isEmpty()) {
        return Optional.empty();
      }
      Affinity affinity =
          new Affinity(
              linker.downcallHandle(get.get(), shape), linker.downcallHandle(set.get(), shape));
      return affinity.allowed.length == 0 ? Optional.empty() : Optional.of(affinity);
    } catch (UnsupportedOperationException | IllegalCallerException | LinkageError e) {
      return Optional.empty();
    }
  }

  /** The CPUs the calling thread may use, in order. */
  public int[] allowed() {
    return allowed.clone();
  }

  /**
   * Binds the calling thread.
   *
   * @return whether the system did
   */
  public boolean bind(int cpu) {
    BitSet one = new BitSet();
    one.set(cpu);
    return write(one);
  }

  /** Lets the calling thread run wherever the one could that made this. */
  public boolean release() {
    BitSet all = new BitSet();
    for (int cpu : allowed) {
      all.set(cpu);
    }
    return write(all);
  }

  private BitSet read() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bits = arena.allocate(SET_BYTES, Long.BYTES);
      if ((int) get.invokeExact(CALLING_THREAD, (long) SET_BYTES, bits) < 0) {
        return new BitSet();
      }
      return BitSet.valueOf(bits.toArray(ValueLayout.JAVA_LONG));
    } catch (Throwable e) {
      throw new IllegalStateException("sched_getaffinity cannot be called", e);
    }
  }

  private boolean write(BitSet cpus) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bits = arena.allocate(SET_BYTES, Long.BYTES);
      bits.copyFrom(MemorySegment.ofArray(cpus.toByteArray()));
      return (int) set.invokeExact(CALLING_THREAD, (long) SET_BYTES, bits) == 0;
    } catch (Throwable e) {
      throw new IllegalStateException("sched_setaffinity cannot be called", e);
    }
  }
}
