package org.xdp4j.bpf;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.xdp4j.bpf.compiler.CompiledProgram;
import org.xdp4j.bpf.context.Counted;
import org.xdp4j.bpf.context.EventSink;
import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.context.Lifetime;
import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.helper.Helpers;
import org.xdp4j.bpf.helper.SpinLockHelpers;
import org.xdp4j.bpf.interpreter.InterpretedProgram;
import org.xdp4j.bpf.interpreter.StepListener;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.CpuMap;
import org.xdp4j.bpf.map.DeviceMap;
import org.xdp4j.bpf.map.Errno;
import org.xdp4j.bpf.map.MapProgram;
import org.xdp4j.bpf.map.MapTimers;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.ProgramArrayMap;
import org.xdp4j.bpf.map.ProgramKind;
import org.xdp4j.bpf.map.SpecialField;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.ProgramType;
import org.xdp4j.bpf.verifier.VerifiedProgram;

/**
 * A loaded program: verified, compiled, ready to run on any thread that has an {@link XdpContext}
 * of its own.
 */
public final class XdpProgram implements TimerQueue.Faults {
  /** What a batch takes at the most, in nanoseconds: timers that are due later can wait for it. */
  private static final long AT_MOST = 200_000;

  private static final Executable CLOSED = (context, stack) -> XdpAction.ABORTED.ordinal();

  private static final AtomicInteger IDS = new AtomicInteger();

  private final int id = IDS.incrementAndGet();
  private final VerifiedProgram verified;
  private final List<BpfMap> maps;
  private final ProgramMaker maker;
  private final LongAdder faults = new LongAdder();
  private final Holding holding = new Holding();

  /** What stands in the place of its functions, by these. */
  private final Map<String, XdpExtension> extensions = new LinkedHashMap<>();

  /** It and {@link #extensions} as one. */
  private volatile ProgramVersion version;

  /** What {@link #version} runs; {@link #CLOSED} when nobody holds the program any more. */
  private volatile Executable executable;

  /** Whether a program array has held it. */
  private boolean inArray;

  /** The timers that its object's maps may have; null when none can. */
  private volatile TimerQueue timers;

  private TimerQueue ownTimers;

  XdpProgram(VerifiedProgram verified, List<BpfMap> maps, ProgramMaker maker) {
    this(verified, maps, maker, maker.make(verified, maps));
  }

  /** A program that runs as {@code executable} does and that nothing can be put into. */
  XdpProgram(VerifiedProgram verified, Executable executable) {
    this(verified, List.of(), null, executable);
  }

  private XdpProgram(
      VerifiedProgram verified, List<BpfMap> maps, ProgramMaker maker, Executable executable) {
    this.verified = verified;
    this.maps = maps;
    this.maker = maker;
    this.version = new ProgramVersion(verified, maps, executable);
    this.executable = executable;
  }

  /** A program that others were put into. */
  static XdpProgram linked(
      VerifiedProgram whole, List<BpfMap> maps, ProgramMaker maker, TimerQueue timers) {
    XdpProgram program = new XdpProgram(whole, maps, null, maker.makeLinked(whole, maps));
    program.timers = timers;
    return program;
  }

  /**
   * Who holds the program: its object as long as it is open, and every entry of a map that has it.
   * The last of them ends it.
   */
  final class Holding extends Counted implements MapProgram {
    @Override
    public String name() {
      return XdpProgram.this.name();
    }

    @Override
    public ProgramKind kind() {
      return verified.program().kind();
    }

    @Override
    public Executable executable(MapType type) {
      return type == MapType.PROG_ARRAY ? executable : new EntryRun();
    }

    @Override
    public boolean uses(BpfMap map) {
      return version.used().contains(map);
    }

    /** Its version, for who counts what goes when others do. */
    ProgramVersion version() {
      return version;
    }

    /** No run can have it any more; what it holds is let go. */
    @Override
    protected void end() {
      executable = CLOSED;
      version.release();
    }
  }

  /** What an entry of a device or CPU map runs: the program as it is by then. */
  private final class EntryRun implements Executable {
    @Override
    public long execute(XdpContext context, long framePointer) {
      boolean entered = context.enterRun();
      try {
        return executable.execute(context, framePointer);
      } catch (RuntimeException | StackOverflowError fault) {
        count(context);
        return XdpAction.ABORTED.ordinal();
      } finally {
        if (entered) {
          context.leaveRun();
        }
      }
    }

    @Override
    public int id() {
      return id;
    }
  }

  /** Who holds it. */
  Holding holding() {
    return holding;
  }

  /** Runs the timers that are due before each run, of a batch too, by the context's clock. */
  void drive(TimerQueue queue) {
    ownTimers = queue;
    timers = queue;
  }

  /**
   * Runs the timers of all maps that are pinned now as well: for one who replays frames through
   * nothing but this program, while a program that is closed has left timers in a pinned map.
   */
  public synchronized void drive(PinnedMaps pins) {
    ownTimers = TimerQueue.join(ownTimers, pins.timersNow());
    timers = TimerQueue.join(timers, pins.timersNow());
  }

  /** A number that no other program of this process has. */
  public int id() {
    return id;
  }

  /**
   * Puts an interface under a key of a device map, with this program to run on what leaves there.
   *
   * @return 0 or a negative errno; -EINVAL when its section is not {@code xdp/devmap}, or the map
   *     is used by programs that differ from it in {@code xdp.frags}
   */
  public int putInto(DeviceMap map, int key, int ifindex) {
    return map.set(key, ifindex, holding);
  }

  /**
   * Opens a worker as a target of a CPU map, with this program to run on what arrives there.
   *
   * @param queueSize 1 to 16384
   * @return 0 or a negative errno; -ENOMEM, as in Linux, when its section is not {@code
   *     xdp/cpumap}, the map's values have no room for a program, or the map is used by programs
   *     that differ from it in {@code xdp.frags}
   */
  public int putInto(CpuMap map, int cpu, int queueSize) {
    return map.set(cpu, queueSize, holding);
  }

  /**
   * Puts it into a slot of a program array, in the place of what is there, while programs jump
   * through the array: each jump goes to the one or to the other.
   *
   * @return 0; -E2BIG when there is no such slot; -EINVAL when the array is one of programs of
   *     another {@link ProgramKind}; -EBUSY when a function of it is replaced, since that function
   *     could come back here without end
   */
  public synchronized int putInto(ProgramArrayMap array, int slot) {
    int refused = refusal(array, slot);
    if (refused != 0) {
      return refused;
    }
    int result = array.set(slot, holding, BpfMap.ANY);
    inArray |= result == 0;
    return result;
  }

  /** What {@link #putInto(ProgramArrayMap, int)} would return, with nothing put there. */
  synchronized int refusal(ProgramArrayMap array, int slot) {
    if (Integer.compareUnsigned(slot, array.spec().maxEntries()) >= 0) {
      return Errno.E2BIG;
    }
    if (!array.admits(kind())) {
      return Errno.EINVAL;
    }
    return extensions.isEmpty() ? 0 : Errno.EBUSY;
  }

  /** Why {@code putInto} returned {@code error} for this map: the end of a sentence. */
  public String objection(BpfMap map, int error) {
    ProgramKind owner = map.programKind();
    String reason;
    if (error == Errno.E2BIG) {
      int room = map.spec().maxEntries();
      reason = "the map has room for " + Integer.toUnsignedString(room) + " entries";
    } else if (error == Errno.EBUSY) {
      reason = "a function of the program is replaced";
    } else if (map instanceof DeviceMap && verified.program().type() != ProgramType.XDP_DEVMAP) {
      reason = "the program is %s, not xdp/devmap".formatted(kind());
    } else if (map instanceof CpuMap && verified.program().type() != ProgramType.XDP_CPUMAP) {
      reason = "the program is %s, not xdp/cpumap".formatted(kind());
    } else if (owner != null && !map.admits(kind())) {
      reason = "the program is %s, and the first to use the map was %s".formatted(kind(), owner);
    } else {
      reason = "the map refuses it";
    }
    return "%s (%s)".formatted(reason, Errno.name(error));
  }

  private ProgramKind kind() {
    return verified.program().kind();
  }

  /** See {@link XdpExtension#attach}. */
  synchronized void attach(XdpExtension extension) throws LoadException {
    // Held, so that it does not end while another version is made, which takes its maps.
    if (!holding.hold()) {
      throw new LoadException(name() + " is closed, and so no function of it can be replaced");
    }
    try {
      replace(extension);
    } finally {
      holding.release();
    }
  }

  private void replace(XdpExtension extension) throws LoadException {
    if (maker == null) {
      throw new LoadException(name() + " is a chain, whose programs' functions are replaced first");
    }
    String place = "function %s of program %s".formatted(extension.function(), name());
    if (inArray) {
      throw new LoadException(
          place + " cannot be replaced: a program array holds the program, or has held it");
    }
    XdpExtension there = extensions.putIfAbsent(extension.function(), extension);
    if (there != null) {
      throw new LoadException(place + " is replaced already, by " + there.name());
    }
    try {
      link();
    } catch (RuntimeException | Error e) {
      extensions.remove(extension.function());
      throw e;
    }
  }

  /** See {@link XdpExtension#detach}. */
  synchronized void detach(XdpExtension extension) {
    if (extensions.remove(extension.function(), extension) && holding.hold()) {
      try {
        link();
      } finally {
        holding.release();
      }
    }
  }

  /** What stands in the place of {@code function}, or null. */
  synchronized XdpExtension attached(String function) {
    return executable == CLOSED ? null : extensions.get(function);
  }

  /**
   * Makes one program of it and its extensions, and runs that from the next frame on. The caller
   * holds the program.
   */
  private void link() {
    Whole whole = with(extensions.values());
    TimerQueue queue = ownTimers;
    for (XdpExtension extension : extensions.values()) {
      queue = TimerQueue.join(queue, extension.timers());
    }
    Executable made =
        extensions.isEmpty()
            ? maker.make(whole.verified, whole.maps)
            : maker.makeLinked(whole.verified, whole.maps);
    ProgramVersion old = version;
    Runnable letGo = old::release;
    version = new ProgramVersion(whole.verified, whole.maps, made);
    timers = queue;
    executable = made;
    maker.region().rcu().call(letGo);
  }

  /** Programs put together. */
  private record Whole(VerifiedProgram verified, List<BpfMap> maps) {}

  /** It with these in the places of its functions. */
  private Whole with(Collection<XdpExtension> put) {
    VerifiedProgram whole = verified;
    List<BpfMap> all = new ArrayList<>(maps);
    for (XdpExtension extension : put) {
      if (extension.function().equals(name())) {
        return new Whole(extension.verified(), new ArrayList<>(extension.maps()));
      }
      whole = whole.replacing(extension.function(), extension.verified());
      all.addAll(extension.maps());
    }
    return new Whole(whole, all);
  }

  /** The maps that it would use if these did not stand in the places of its functions. */
  synchronized List<BpfMap> usedWithout(Collection<XdpExtension> leaving) {
    Whole whole =
        with(extensions.values().stream().filter(each -> !leaving.contains(each)).toList());
    return ProgramVersion.used(whole.verified, whole.maps);
  }

  /** The function's name. */
  public String name() {
    return verified.program().name();
  }

  /** What the verifier found out about it. */
  public VerifiedProgram verified() {
    return verified;
  }

  /**
   * It and what replaces functions of it now, in the interpreter, on the same maps: to be looked at
   * while it runs. A chain has none.
   */
  public InterpretedProgram traced(StepListener listener) {
    ProgramVersion now = version;
    return maker.traced(now.verified(), now.maps(), listener);
  }

  /** It and what replaces functions of it, as one program. */
  public VerifiedProgram linked() {
    return version.verified();
  }

  /** What keeps its maps alive, for who runs it in another way and lets it start timers there. */
  public Lifetime lifetime() {
    return version;
  }

  /** The maps of {@link #linked}. */
  List<BpfMap> linkedMaps() {
    return version.maps();
  }

  /** The timers that it runs; null for none. */
  TimerQueue timers() {
    return timers;
  }

  /**
   * Runs that ended in a fault of the machine (a bug of ours, caught by the JVM's checks) and so in
   * XDP_ABORTED, and callbacks of timers and work that ended in one where it drove them.
   */
  public long faults() {
    return faults.sum();
  }

  /** {@link #mayMoveFrame(BpfProgram)} of this program. */
  public boolean mayMoveFrame() {
    return mayMoveFrame(linked().program());
  }

  /**
   * Whether a run may change where its frame begins or ends, itself or through a program it hands
   * the frame to: by a tail call, or by a map's entry that has one. Where it may not, frames need
   * no room around them.
   */
  public static boolean mayMoveFrame(BpfProgram program) {
    return runMayMoveFrame(program)
        || program.instructions().stream()
            .anyMatch(call -> call.isHelperCall() && call.imm() == HelperSpec.REDIRECT_MAP);
  }

  /**
   * Whether {@link #run} may change where its frame begins or ends. What a device or CPU map's
   * entry does to a redirected frame comes afterwards and is not counted, unlike in {@link
   * #mayMoveFrame}.
   */
  public boolean runMayMoveFrame() {
    return runMayMoveFrame(linked().program());
  }

  private static boolean runMayMoveFrame(BpfProgram program) {
    return program.instructions().stream().anyMatch(Helpers::movesPacket);
  }

  /**
   * Runs the program on trial until the JVM has compiled it or time is over, to do before it takes
   * over from another version under load. Runs are over copies of the frames; what they find in
   * maps they get as copies, what they change is changed in maps that are thrown away afterwards,
   * and what they send, print or redirect goes nowhere. Workers may run this and other programs on
   * the same maps meanwhile. A program whose maps hold timers or objects, or that has an arena, is
   * left as it is.
   *
   * @param frames like those that come in; with none nothing is done
   * @param scratch a context that nobody uses meanwhile, in the region of the program's maps
   * @param atMost how long to go on
   */
  public WarmupResult warm(List<SampleFrame> frames, XdpContext scratch, Duration atMost) {
    Executable tried = executable;
    if (frames.isEmpty() || !(tried instanceof CompiledProgram) || !mayBeTried()) {
      return WarmupResult.NONE;
    }
    long anyMap =
        linkedMaps().stream()
            .filter(Objects::nonNull)
            .mapToLong(BpfMap::address)
            .findFirst()
            .orElse(0);
    EventSink events = scratch.events;
    scratch.events = EventSink.NONE;
    try {
      return new Warmup(tried, frames, scratch, anyMap).run(atMost);
    } finally {
      scratch.events = events;
    }
  }

  /** A copy of a value with a timer or an object would be a second one that runs or owns it. */
  private boolean mayBeTried() {
    return linked().maps().stream().noneMatch(map -> map.type() == MapType.ARENA)
        && linked().maps().stream()
            .flatMap(map -> map.fields().stream())
            .allMatch(field -> field.kind() == SpecialField.Kind.SPIN_LOCK);
  }

  /** Runs over the frame in {@code context} and returns what the program returned. */
  public int run(XdpContext context) {
    boolean entered = context.enterRun();
    try {
      return runOne(context);
    } finally {
      if (entered) {
        context.leaveRun();
      }
    }
  }

  private int runOne(XdpContext context) {
    TimerQueue due = timers;
    if (due != null) {
      due.runDue(context, this);
    }
    context.reset();
    try {
      return (int) executable.execute(context, context.stackTop);
    } catch (RuntimeException | StackOverflowError fault) {
      count(context);
      return XdpAction.ABORTED.ordinal();
    }
  }

  /**
   * Counts a fault and puts right what the run, or a callback of a timer, left half done: for who
   * runs the program in another way than {@link #run}.
   */
  @Override
  public void count(XdpContext context) {
    faults.increment();
    SpinLockHelpers.releaseAfterFault(context);
  }

  /**
   * Runs over every frame of {@code batch}, leaving verdicts and bounds in it. A program that takes
   * packets of several buffers ({@code xdp.frags}) meets frames longer than a page has room for as
   * such, with {@code data_end} where the first buffer ends; others meet every frame in one piece,
   * as Linux gives it to them in generic mode.
   */
  public void run(XdpBatch batch, XdpContext context) {
    boolean entered = context.enterRun();
    try {
      runBatch(batch, context);
    } finally {
      if (entered) {
        context.leaveRun();
      }
    }
  }

  private void runBatch(XdpBatch batch, XdpContext context) {
    TimerQueue due = timers;
    batch.done = 0;
    boolean frags = verified.program().frags();
    if (frags) {
      batch.split(TestRun.MAX_FRAME);
    }
    Executable whole = executable;
    lookAhead(whole, batch, context);
    if (due == null) {
      runAll(whole, batch, context);
    } else {
      runInTime(whole, due, batch, context);
    }
    if (frags) {
      batch.join();
    }
  }

  /** A fault in it costs the first frame its verdict, like one in that frame's own run. */
  private void lookAhead(Executable whole, XdpBatch batch, XdpContext context) {
    try {
      whole.lookAhead(batch, context);
    } catch (RuntimeException | StackOverflowError fault) {
      if (batch.size > 0) {
        batch.enter(0, context);
        abort(batch, context);
      }
    }
  }

  private void runAll(Executable whole, XdpBatch batch, XdpContext context) {
    while (batch.done < batch.size) {
      try {
        whole.executeBatch(batch, context);
      } catch (RuntimeException | StackOverflowError fault) {
        abort(batch, context);
      }
    }
  }

  /**
   * Frame by frame, each after what is due by then: also what a frame before it, in this batch or
   * any other, has started. So it does not matter where a batch begins.
   */
  private void runInTime(Executable whole, TimerQueue due, XdpBatch batch, XdpContext context) {
    int size = batch.size;
    long soon = context.frameTime ? MapTimers.NEVER : context.now() + AT_MOST;
    try {
      while (batch.done < size) {
        context.frameNanos = batch.nanos[batch.done];
        if (due.nextDue() <= soon) {
          due.runDue(context, this);
        }
        batch.size = batch.done + 1;
        runAll(whole, batch, context);
      }
    } finally {
      batch.size = size;
    }
  }

  /** Whether maps it uses may have timers or work in their values. */
  public boolean hasTimers() {
    return timers != null;
  }

  /**
   * Runs what is left to be run when no frame comes any more: timers that are due by the time of
   * the last frame in {@code context} (or by the clock), and all work, with what it starts again. A
   * timer that is due later never rings: time has come to its end.
   *
   * @return how many ran
   */
  public int finishTimers(XdpContext context) {
    TimerQueue left = timers;
    if (left == null) {
      return 0;
    }
    boolean entered = context.enterRun(); // A callback looks into maps as a run does.
    try {
      return left.finish(context, this);
    } finally {
      if (entered) {
        context.leaveRun();
      }
    }
  }

  /** The frame that the context is at gets no verdict of the program's. */
  private void abort(XdpBatch batch, XdpContext context) {
    count(context);
    batch.leave(batch.done, context, XdpAction.ABORTED.ordinal());
  }
}
