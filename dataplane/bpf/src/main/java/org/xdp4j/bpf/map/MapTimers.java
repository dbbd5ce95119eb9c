package org.xdp4j.bpf.map;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.xdp4j.bpf.context.Lifetime;
import org.xdp4j.bpf.context.Subprograms;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.memory.Region;

/**
 * The timers in the values of one map ({@code struct bpf_timer}, kernel/bpf/helpers.c), or its work
 * ({@code struct bpf_wq}), which is a timer that is due as soon as it is started. Nothing runs by
 * itself here: whoever owns a context calls {@link #runNext} now and then, and the callbacks of
 * timers that are due run on that thread.
 *
 * <pre>
 *  struct bpf_timer and bpf_wq, 16 bytes:  | address of the map, 0 before it is initialised | 0 |
 * </pre>
 *
 * A timer holds the program whose function it calls. A map has timers as long as user space can
 * reach it (kernel: map_release_uref), since that program may use the map, and hold it in turn.
 *
 * <p>Any thread; one lock a map.
 */
public final class MapTimers {
  /** {@link #nextDue} when no timer runs. */
  public static final long NEVER = Long.MAX_VALUE;

  private static final int CLOCK_REALTIME = 0;
  private static final int CLOCK_MONOTONIC = 1;
  private static final int CLOCK_BOOTTIME = 7;
  private static final long F_TIMER_ABS = 1;
  private static final long F_TIMER_CPU_PIN = 2;

  /**
   * By a capture's time, which stands still while a callback runs: how much later a timer is due
   * that a callback starts for now, its own or another's. In Linux an interrupt takes about that
   * long; and callbacks that start each other for now would not let time go on.
   */
  private static final long SOONEST = 1000;

  private static final class Timer {
    final long address;
    final long clock;
    long order;
    Subprograms subprograms;
    Lifetime program = Lifetime.ENDLESS;
    long function;
    long due;
    boolean isActive;
    Thread runner;

    Timer(long address, long clock) {
      this.address = address;
      this.clock = clock;
    }
  }

  private final BpfMap map;
  private final int offset;
  private final Map<Long, Timer> timers = new HashMap<>();
  private final TreeSet<Timer> active =
      new TreeSet<>(Comparator.<Timer>comparingLong(t -> t.due).thenComparingLong(t -> t.order));
  private long started;
  private volatile long nextDue = NEVER;

  /**
   * @param offset where one lies in a value
   */
  MapTimers(BpfMap map, int offset) {
    this.map = map;
    this.offset = offset;
  }

  /** The timers of the map that the timer at {@code address} was initialised with, or null. */
  public static MapTimers of(Region region, long address) {
    BpfMap map = mapOf(region, address);
    return map == null ? null : map.timers();
  }

  /** The work of the map that the one at {@code address} was initialised with, or null. */
  public static MapTimers ofWork(Region region, long address) {
    BpfMap map = mapOf(region, address);
    return map == null ? null : map.work();
  }

  private static BpfMap mapOf(Region region, long address) {
    long handle = region.segment().get(Region.LONG, address);
    return handle != 0 && region.attached(handle) instanceof BpfMap map ? map : null;
  }

  /**
   * {@code bpf_timer_init}: 0, -EBUSY when it was done already, -EINVAL for unknown flags, -EPERM
   * when no user has the map any more.
   */
  public synchronized int init(long address, long flags) {
    if (flags != CLOCK_MONOTONIC && flags != CLOCK_REALTIME && flags != CLOCK_BOOTTIME) {
      return Errno.EINVAL;
    }
    if (timers.containsKey(address)) {
      return Errno.EBUSY;
    }
    if (!map.hasUsers()) {
      return Errno.EPERM;
    }
    timers.put(address, new Timer(address, flags));
    map.memory.set(Region.LONG, address, map.address());
    return 0;
  }

  /**
   * {@code bpf_timer_set_callback}: 0, -EINVAL before {@link #init}, -EPERM when no user has the
   * map any more.
   */
  public synchronized int setCallback(long address, Subprograms subprograms, long function) {
    Timer timer = timers.get(address);
    if (timer == null) {
      return Errno.EINVAL;
    }
    if (!map.hasUsers()) {
      return Errno.EPERM;
    }
    Lifetime program = subprograms.lifetime();
    // Most programs set it again each time: that they are held already is enough.
    if (timer.program != program) {
      if (!program.hold()) {
        return Errno.ENOENT;
      }
      forget(timer);
      timer.program = program;
    }
    timer.subprograms = subprograms;
    timer.function = function;
    return 0;
  }

  /** {@code bpf_timer_start}: 0, or -EINVAL without a callback and for unknown flags. */
  public synchronized int start(long address, long nanos, long flags, XdpContext context) {
    Timer timer = timers.get(address);
    if ((flags & ~(F_TIMER_ABS | F_TIMER_CPU_PIN)) != 0
        || timer == null
        || timer.subprograms == null) {
      return Errno.EINVAL;
    }
    stop(timer);
    run(timer, due(timer, nanos, (flags & F_TIMER_ABS) != 0, context), context);
    return 0;
  }

  /** What is due in the past is due now. */
  private void run(Timer timer, long due, XdpContext context) {
    boolean later = context.frameTime && context.inCallback;
    timer.due = Math.max(due, context.now() + (later ? SOONEST : 0));
    timer.order = started++;
    timer.isActive = true;
    active.add(timer);
    nextDue = active.first().due;
  }

  /**
   * {@code bpf_wq_start}: 0, also when nothing is to be called or it waits to be run already;
   * -EINVAL before {@link #init}.
   */
  public synchronized int start(long address, XdpContext context) {
    Timer work = timers.get(address);
    if (work == null) {
      return Errno.EINVAL;
    }
    if (!work.isActive && work.subprograms != null) {
      run(work, context.now(), context);
    }
    return 0;
  }

  private static long due(Timer timer, long nanos, boolean absolute, XdpContext context) {
    if (absolute && (timer.clock != CLOCK_REALTIME || context.frameTime)) {
      return nanos < 0 ? NEVER : nanos;
    }
    long past = absolute ? System.currentTimeMillis() * 1_000_000 : 0;
    long sum = context.now() + nanos - past;
    return nanos < 0 || sum < 0 && nanos > past ? NEVER : sum;
  }

  /**
   * {@code bpf_timer_cancel}: 1 when it was running, 0 when not; -EINVAL before {@link #init};
   * -EDEADLK in its own callback. It needs a callback again before it can be started.
   */
  public synchronized int cancel(long address) {
    Timer timer = timers.get(address);
    if (timer == null) {
      return Errno.EINVAL;
    }
    if (timer.runner == Thread.currentThread()) {
      return Errno.EDEADLK;
    }
    forget(timer);
    return stop(timer) ? 1 : 0;
  }

  /** It calls nothing any more, though its callback may be under way. */
  private void forget(Timer timer) {
    if (timer.program != Lifetime.ENDLESS) {
      map.region.rcu().call(timer.program::release);
    }
    timer.program = Lifetime.ENDLESS;
    timer.subprograms = null;
  }

  private boolean stop(Timer timer) {
    boolean was = timer.isActive;
    if (was) {
      active.remove(timer);
      timer.isActive = false;
      nextDue = active.isEmpty() ? NEVER : active.first().due;
    }
    return was;
  }

  /** The value at {@code value} is gone, or is another one: so is its timer. */
  synchronized void drop(long value) {
    Timer timer = timers.remove(value + offset);
    if (timer != null) {
      stop(timer);
      forget(timer);
    }
    map.memory.asSlice(value + offset, SpecialField.Kind.TIMER.size()).fill((byte) 0);
  }

  /** What timers hold, each once for each that holds it. */
  synchronized List<Lifetime> lifetimes() {
    return timers.values().stream()
        .map(timer -> timer.program)
        .filter(program -> program != Lifetime.ENDLESS)
        .toList();
  }

  /** The map is freed, or its last user gone. */
  synchronized void dropAll() {
    timers.values().forEach(this::forget);
    timers.clear();
    active.clear();
    nextDue = NEVER;
  }

  /**
   * When the next timer is due, by the clock of {@link XdpContext#now}; {@link #NEVER} for none. No
   * lock is taken, so that it can be asked before each frame.
   */
  public long nextDue() {
    return nextDue;
  }

  /** Timers that were started and did not come due yet. */
  public synchronized int running() {
    return active.size();
  }

  /**
   * Runs the callback of the timer that is due first, if one is due at {@code now}.
   *
   * @return whether one was
   */
  public boolean runNext(XdpContext context, long now) {
    Timer timer;
    Subprograms subprograms;
    synchronized (this) {
      if (active.isEmpty() || active.first().due > now) {
        return false;
      }
      timer = active.first();
      stop(timer);
      timer.runner = Thread.currentThread();
      subprograms = timer.subprograms;
    }
    context.inCallback = true;
    try {
      long value = timer.address - offset;
      context.reset();
      context.calleeFrame = context.stackTop;
      long key = map.keyOf(value, context);
      subprograms.call(context, timer.function, map.address(), key, value, 0, 0, context.stackTop);
    } finally {
      context.inCallback = false;
      synchronized (this) {
        timer.runner = null;
      }
    }
    return true;
  }
}
