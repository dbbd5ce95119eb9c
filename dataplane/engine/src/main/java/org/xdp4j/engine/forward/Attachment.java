package org.xdp4j.engine.forward;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.XdpChain;
import org.xdp4j.bpf.XdpProgram;
import org.xdp4j.engine.plan.ProgramPlan;

/**
 * A plan's program, loaded: what runs on the frames of its ports. The same one on several ports.
 * Whoever loaded it closes it, when no worker can be in it any more.
 */
final class Attachment {
  /** Return codes there are, and one for all others. */
  static final int CODES = 6;

  private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int PADDING = 8;

  final ProgramPlan plan;
  final LoadedObject loaded;

  /** The programs, in the order in which they run. */
  final XdpChain.Member[] chain;

  /** All of them as one; null where there is one only. */
  final XdpChain linked;

  /** What runs on each frame. */
  final XdpProgram whole;

  final Instant since;

  /** Whether it may change where its frame begins or ends. */
  final boolean movesFrames;

  /** What tells whether the files are still those that were loaded. */
  final List<FileStamp> stamps;

  /**
   * By worker, then chain and code; each worker writes its own. Of several programs those runs are
   * here that a trace made, since the others are counted by the dispatcher.
   */
  private final long[][] runs;

  /**
   * @param members the program, or those that are linked
   * @param linked null for one program
   */
  Attachment(
      ProgramPlan plan,
      LoadedObject loaded,
      List<XdpChain.Member> members,
      XdpChain linked,
      List<FileStamp> stamps,
      int workers) {
    this(
        plan,
        loaded,
        members.toArray(new XdpChain.Member[0]),
        linked,
        stamps,
        Instant.now(),
        new long[workers][]);
    for (int i = 0; i < workers; i++) {
      runs[i] = new long[2 * PADDING + this.chain.length * CODES];
    }
  }

  private Attachment(
      ProgramPlan plan,
      LoadedObject loaded,
      XdpChain.Member[] chain,
      XdpChain linked,
      List<FileStamp> stamps,
      Instant since,
      long[][] runs) {
    this.plan = plan;
    this.loaded = loaded;
    this.chain = chain;
    this.linked = linked;
    this.whole = linked == null ? chain[0].program() : linked.program();
    this.stamps = stamps;
    this.since = since;
    this.runs = runs;
    this.movesFrames = whole.runMayMoveFrame();
  }

  /** The same loaded program as part of another plan: on other ports, with other map contents. */
  Attachment as(ProgramPlan fresh) {
    return new Attachment(fresh, loaded, chain, linked, stamps, since, runs);
  }

  /** What it is of: the plan's object, and those whose programs replace functions of it. */
  List<LoadedObject> objects() {
    return Stream.concat(Stream.of(loaded), loaded.adopted().stream()).toList();
  }

  /** Counts runs; the worker's thread only. */
  void count(int worker, int program, int code, long amount) {
    long[] own = runs[worker];
    int at = PADDING + program * CODES + code;
    ELEMENT.setOpaque(own, at, own[at] + amount);
  }

  /** Runs of one program of the chain that ended with a code, over all workers. */
  long runs(int program, int code) {
    long sum = linked == null ? 0 : linked.verdicts(program, code);
    for (long[] worker : runs) {
      sum += (long) ELEMENT.getOpaque(worker, PADDING + program * CODES + code);
    }
    return sum;
  }

  /** Runs that ended in a fault: of several programs all are told of the first one. */
  long faults(int program) {
    long own = chain[program].program().faults();
    return linked != null && program == 0 ? own + whole.faults() : own;
  }
}
