package org.xdp4j.bpf.context;

import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.memory.Rcu;
import org.xdp4j.bpf.memory.Region;

/**
 * The kernel's {@code xdp_buff} and the per-CPU state around it: the frame a program looks at, and
 * what the program asked for. Owned by one worker thread; reused for every frame that worker runs.
 *
 * <pre>
 *  frameStart      dataMeta   data                 dataEnd        frameEnd
 *      | headroom     | metadata |  packet             |  tailroom    |
 *
 *  frameEnd   fragsStart                            fragsStart + fragsSize
 *      | fragment 0  | fragment 1  | ... | the last one  |               the packet's rest
 * </pre>
 *
 * A packet of several buffers ({@code xdp.frags}) goes on in fragments of {@link #FRAGMENT} bytes
 * each, the last one shorter: here one after the other from {@link #frameEnd} on, though no program
 * can tell. What a program has pulled into the first buffer is gone from the first of them.
 *
 * <p>The fields are public because compiled programs read and write them directly, as the kernel's
 * JIT does with {@code xdp_buff}.
 */
public final class XdpContext implements AutoCloseable {
  /**
   * Bytes of {@code struct xdp_md} (linux/bpf.h): data, data_end, data_meta, ingress_ifindex,
   * rx_queue_index, egress_ifindex.
   */
  public static final int XDP_MD_SIZE = 24;

  /** CPUs there may be: what Linux can be built for on x86-64 (NR_CPUS). */
  public static final int MAX_CPUS = 8192;

  /** Call frames a program may nest (kernel: MAX_CALL_FRAMES). */
  public static final int MAX_CALL_FRAMES = 8;

  /**
   * Call frames of a program of which another one replaces a function, in a chain of programs:
   * those of both, since either was proved by itself, and the dispatcher's.
   */
  public static final int MAX_LINKED_FRAMES = 2 * MAX_CALL_FRAMES + 1;

  /** Bytes of stack of one call frame (RFC 9669, section 2). */
  public static final int STACK_SIZE = 512;

  /** Tail calls one run may make (kernel: MAX_TAIL_CALL_CNT). */
  public static final int MAX_TAIL_CALLS = 33;

  /** {@code bpf_res_spin_lock}s one run may hold (kernel: RES_NR_HELD). */
  public static final int MAX_HELD_LOCKS = 31;

  /**
   * Call frames there is stack for. A tail call out of a subprogram leaves its callers' frames
   * where they are, so each program of the chain may add all of its frames but the one it replaces.
   */
  public static final int STACK_FRAMES = MAX_LINKED_FRAMES + MAX_TAIL_CALLS * (MAX_CALL_FRAMES - 1);

  private static final long KEY_WORDS_SIZE = (STACK_FRAMES + 1L) * Long.BYTES;

  private static final int DYNPTR_SIZE = 16;

  private static final long LENT_DYNPTRS_SIZE = (STACK_FRAMES + 1L) * DYNPTR_SIZE;

  // One piece of the region: the context itself | stack | nothing | key words | lent dynptrs.
  private static final long STACK_AT = KernelStructure.ROOM + 63L & -64;
  private static final long STACK_TOP_AT = STACK_AT + (long) STACK_FRAMES * STACK_SIZE;

  /** Apart from the stack below, so that what strays above r10 does not end in a key. */
  private static final long KEY_WORDS_AT = STACK_TOP_AT + STACK_SIZE;

  private static final long LENT_DYNPTRS_AT = KEY_WORDS_AT + (KEY_WORDS_SIZE + 15 & -16);
  private static final long MEMORY_SIZE = LENT_DYNPTRS_AT + LENT_DYNPTRS_SIZE;

  /** Where the region's memory, and with it every address here, lies. */
  public final Region region;

  /** The slot of per-CPU maps this context uses, 0 up. */
  public final int cpu;

  /**
   * What r1 holds when a program starts. Compiled programs read the fields below instead of what is
   * there, which is what {@link #kernel} shows.
   */
  public final long address;

  /**
   * The first frame's r10: one past the highest byte of a stack of {@code STACK_FRAMES *
   * STACK_SIZE} bytes.
   */
  public final long stackTop;

  /** What its runs say that they are under way by. */
  private final Rcu.Reader reader;

  /** What of a kernel's structures programs may read. */
  public final KernelView kernel;

  /** Where {@code printk} text and perf events go. Never null. */
  public EventSink events = EventSink.NONE;

  /** The interfaces, routes and neighbours that programs ask about. Never null. */
  public Routing routing = Routing.NONE;

  /** Filled for each question to {@link #routing}. */
  public final RouteQuery routeQuery = new RouteQuery();

  /** What {@code bpf_ktime_get_ns} reads when {@link #frameTime} is off. Never null. */
  public Clock clock = Clock.SYSTEM;

  /**
   * Whether {@code bpf_ktime_get_ns} answers {@link #frameNanos}, so that a replay repeats exactly.
   */
  public boolean frameTime;

  /** Whether a timer's callback or work runs now. */
  public boolean inCallback;

  /** Bytes of a fragment's buffer: a page, as most drivers have it. */
  public static final int FRAGMENT = 4096;

  public long frameStart;
  public long dataMeta;
  public long data;
  public long dataEnd;
  public long frameEnd;

  /**
   * Where the packet goes on behind {@link #dataEnd}; without meaning when nothing does. That is
   * {@link #frameEnd}, or as far behind it as bytes were pulled.
   */
  public long fragsStart;

  /** Where the memory for fragments ends. */
  public long fragsEnd;

  /** Bytes of the packet in fragments, 0 for a packet in one buffer. */
  public long fragsSize;

  public int ingressIfindex;
  public int rxQueueIndex;
  public int egressIfindex;

  /**
   * The map of the last {@code bpf_redirect_map} that chose a target, by its address; 0 when {@code
   * bpf_redirect} chose it.
   */
  public long redirectMap;

  /** The key in {@link #redirectMap}, or the interface index given to {@code bpf_redirect}. */
  public long redirectTarget;

  /** The flags of the last redirect (BPF_F_BROADCAST, BPF_F_EXCLUDE_INGRESS). */
  public long redirectFlags;

  /** What runs touch instead of maps; null, so that they touch the maps, but for trials. */
  public Trial trial;

  /** Tail calls made so far in this run. */
  public int tailCalls;

  /**
   * Where the parts of a program that is too large for one method hand their registers over: r0 to
   * r9, and what {@code may_goto} has left.
   */
  public final long[] handover = new long[11];

  /** What a helper that takes a callback calls; set before each such helper. */
  public Subprograms subprograms;

  /** The r10 of the callback's frame; set with {@link #subprograms}. */
  public long calleeFrame;

  /** The instruction that calls the helper; set with {@link #subprograms}. */
  public int caller;

  /** Jumps backwards and calls left to a program that was compiled to count them. */
  public long loopBudget;

  /** The time of the frame itself: a capture's timestamp in nanoseconds, 0 when there is none. */
  public long frameNanos;

  /** What {@code bpf_xdp_metadata_rx_hash} answers with; null when nobody computes hashes. */
  public FlowHash flowHash;

  /** The {@code bpf_spin_lock} that this run holds: its address, 0 for none. */
  public long heldLock;

  /** The {@code bpf_res_spin_lock}s that this run holds: their addresses, in order. */
  public final long[] heldLocks = new long[MAX_HELD_LOCKS];

  /** How many of {@link #heldLocks} there are. */
  public int heldLockCount;

  /** What the last {@code bpf_throw} of this run threw. */
  public long thrown;

  /** The program that {@link #lookAheadFor} and {@link #looksAhead} are about. */
  public Object lookingAhead;

  /** Batches until that program asks again whether looking ahead is worth it. */
  public int lookAheadFor;

  /** Whether it is. */
  public boolean looksAhead;

  /** What was fetched ahead, so that the JVM takes it to be of use. */
  public int fetched;

  /** State of {@code bpf_get_prandom_u32}; seed it for repeatable runs. */
  public long prandomState;

  /** A word for each call frame, where a callback of that frame finds an array's key. */
  private final long keyWords;

  /** Room for a dynptr for each call frame, where a callback of that frame finds it. */
  private final long lentDynptrs;

  /**
   * Makes a context with a stack of its own in {@code region}.
   *
   * @param cpu 0 up, below {@link #MAX_CPUS}
   */
  public XdpContext(Region region, int cpu) {
    if (cpu < 0 || cpu >= MAX_CPUS) {
      throw new IllegalArgumentException("CPU " + cpu + " is not below " + MAX_CPUS);
    }
    this.region = region;
    this.cpu = cpu;
    this.reader = region.rcu().newReader();
    this.address = region.allocate(MEMORY_SIZE, 64);
    this.kernel = new KernelView(this);
    this.stackTop = address + STACK_TOP_AT;
    this.keyWords = address + KEY_WORDS_AT;
    this.lentDynptrs = address + LENT_DYNPTRS_AT;
    this.prandomState = 0x9E3779B97F4A7C15L * (cpu + 1);
  }

  /**
   * Gives its memory back to the region, when nothing runs in it any more. Who gives up the whole
   * region need not.
   */
  @Override
  public void close() {
    region.free(address, MEMORY_SIZE);
  }

  /** A word for the key that the callback with {@link #calleeFrame} is given: its address. */
  public long keyWord() {
    return keyWords + (stackTop - calleeFrame) / STACK_SIZE * Long.BYTES;
  }

  /** The 16 bytes of a dynptr that the callback with {@link #calleeFrame} is lent: its address. */
  public long lentDynptr() {
    return lentDynptrs + (stackTop - calleeFrame) / STACK_SIZE * DYNPTR_SIZE;
  }

  /** Whether {@code address} is one that {@link #lentDynptr} gives. */
  public boolean isLentDynptr(long address) {
    return address >= lentDynptrs && address < lentDynptrs + LENT_DYNPTRS_SIZE;
  }

  /** Whether the bytes are of a word that {@link #keyWord} gives. */
  public boolean isKeyWord(long at, long size) {
    return at >= keyWords && size >= 0 && at <= keyWords + KEY_WORDS_SIZE - size;
  }

  /**
   * A run, or a batch of runs, begins: until {@link #leaveRun} nothing that it can find in maps is
   * used for anything else ({@link Rcu}).
   *
   * @return false, nothing done, within a run, whose end is the one that counts
   */
  public boolean enterRun() {
    return reader.lock();
  }

  /** The run that {@link #enterRun} began is over. */
  public void leaveRun() {
    reader.unlock();
  }

  /** Bytes from {@code address}, which is in a fragment, to the end of that fragment's buffer. */
  public long roomInFragment(long address) {
    return FRAGMENT - (address - frameEnd) % FRAGMENT;
  }

  /**
   * Moves the first buffer's bytes up to the fragments, where a program pulled bytes out of these.
   */
  void closeGap() {
    long gap = fragsStart - dataEnd;
    if (gap > 0) {
      MemorySegment memory = region.segment();
      MemorySegment.copy(memory, dataMeta, memory, dataMeta + gap, dataEnd - dataMeta);
      dataMeta += gap;
      data += gap;
      dataEnd += gap;
    }
  }

  /** What {@code bpf_ktime_get_ns} answers. */
  public long now() {
    return frameTime ? frameNanos : clock.nanos();
  }

  /** The frame lies in one buffer: nothing is left of another one's fragments. */
  public void withoutFragments() {
    fragsStart = frameEnd;
    fragsEnd = frameEnd;
    fragsSize = 0;
  }

  /** Forgets what the last run left, before the next frame. */
  public void reset() {
    redirectMap = 0;
    redirectTarget = 0;
    redirectFlags = 0;
    tailCalls = 0;
  }
}
