package org.xdp4j.bpf.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Grace periods of a region's memory (Linux: RCU, read-copy-update). A run may keep a pointer to
 * what another thread takes out of a map meanwhile, however long it is interrupted; so that memory
 * is given to others only when every run that was under way then has ended.
 *
 * <pre>
 *  a run:       lock()   load pointers, use them ...   unlock()
 *  an update:   store another pointer;  token = start();  ...  isOver(token): use the old memory
 * </pre>
 *
 * <p>Each thread that runs programs says so in a word of its own, once a batch. Updates count grace
 * periods in one word of all, which runs only read. A run that was not seen to be under way comes
 * after the other pointer was stored: either side stores, has a full fence, and then loads what the
 * other one stored.
 */
public final class Rcu {
  private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

  /** Nanoseconds between two looks of one who waits: about what a batch takes. */
  private static final long PAUSE = 20_000;

  /** Lists of fewer readers are not looked through for those that are gone. */
  private static final int FEW = 16;

  /** One thread's runs, one at a time. */
  public static final class Reader {
    /** Longs, so that the one in the middle has its cache line to itself. */
    private static final int CELLS = 16;

    private static final int SINCE = CELLS / 2;

    /** At {@link #SINCE}: the grace periods begun before the run that is under way; 0 for none. */
    private final long[] cells = new long[CELLS];

    private final Rcu rcu;

    private Reader(Rcu rcu) {
      this.rcu = rcu;
    }

    /**
     * A run begins (Linux: rcu_read_lock).
     *
     * @return false, nothing done, when one is under way that this is part of
     */
    public boolean lock() {
      if (cells[SINCE] != 0) {
        return false;
      }
      CELL.setOpaque(cells, SINCE, rcu.begun);
      VarHandle.fullFence();
      return true;
    }

    /** The run is over: no pointer from it is used any more. */
    public void unlock() {
      CELL.setRelease(cells, SINCE, 0L);
    }

    private long since() {
      return (long) CELL.getAcquire(cells, SINCE);
    }
  }

  /** Grace periods begun, and 1. */
  private volatile long begun = 1;

  private static final VarHandle BEGUN = field();

  /** Every grace period with a token below this is over. */
  private volatile long over;

  /** Replaced as a whole. Readers that nobody can use any more drop out. */
  private volatile List<WeakReference<Reader>> readers = List.of();

  private int mostReaders = FEW;

  /** What {@link #call} was given and its grace period. */
  private record Call(long token, Runnable then) {}

  private final Queue<Call> calls = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean calling = new AtomicBoolean();
  private volatile Consumer<Runnable> caller = this::callAfterRuns;

  private static VarHandle field() {
    try {
      return MethodHandles.lookup().findVarHandle(Rcu.class, "begun", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** For a thread that runs programs. */
  public synchronized Reader newReader() {
    Reader reader = new Reader(this);
    List<WeakReference<Reader>> more = new ArrayList<>(readers);
    if (more.size() >= mostReaders) {
      more.removeIf(r -> r.refersTo(null));
      mostReaders = Math.max(FEW, 2 * more.size());
    }
    more.add(new WeakReference<>(reader));
    readers = more;
    return reader;
  }

  /**
   * Begins a grace period for what no pointer in memory leads to any more (Linux:
   * start_poll_synchronize_rcu).
   *
   * @return its token, more than that of any begun before
   */
  public long start() {
    VarHandle.fullFence();
    return (long) BEGUN.getAndAdd(this, 1L);
  }

  /** Whether a grace period is over (Linux: poll_state_synchronize_rcu). */
  public boolean isOver(long token) {
    return token < over || token < look();
  }

  /**
   * Has something done when nobody can use any more what no pointer in memory leads to (Linux:
   * call_rcu): now, when no run is under way, else when somebody calls this or {@link #poll} later.
   * Any thread, also within a run; what is done may call this, and must not throw.
   */
  public void call(Runnable then) {
    caller.accept(then);
  }

  /**
   * Hands what {@link #call} is given to another, who knows of more than runs that may use what
   * they found: frames between workers. When these have ended, {@link #callAfterRuns}.
   */
  public void callBy(Consumer<Runnable> other) {
    caller = other;
  }

  /** What {@link #call} does unless {@link #callBy} says otherwise. */
  public void callAfterRuns(Runnable then) {
    calls.add(new Call(start(), then));
    poll();
  }

  /** Does what {@link #callAfterRuns} was given and whose grace period is over. */
  public void poll() {
    // Whoever finds another one at it leaves its own to that one, who looks again at the end.
    while (isAnyOver() && calling.compareAndSet(false, true)) {
      try {
        for (Call call = calls.peek(); call != null && isOver(call.token); call = calls.peek()) {
          calls.remove();
          call.then.run();
        }
      } finally {
        calling.set(false);
      }
    }
  }

  private boolean isAnyOver() {
    Call first = calls.peek();
    return first != null && isOver(first.token);
  }

  /**
   * Waits for a grace period to end (Linux: cond_synchronize_rcu). Not for a run, which would wait
   * for itself.
   *
   * @return false when it took longer than {@code nanos}
   */
  public boolean await(long token, long nanos) {
    long begin = System.nanoTime();
    while (!isOver(token)) {
      if (System.nanoTime() - begin > nanos || Thread.currentThread().isInterrupted()) {
        return false;
      }
      LockSupport.parkNanos(PAUSE);
    }
    return true;
  }

  /** The least token whose grace period is not over, as the readers are now. */
  private long look() {
    long least = begun;
    VarHandle.fullFence();
    for (WeakReference<Reader> reference : readers) {
      Reader reader = reference.get();
      long since = reader == null ? 0 : reader.since();
      least = since == 0 ? least : Math.min(least, since);
    }
    over = least;
    return least;
  }
}
