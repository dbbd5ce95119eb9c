package org.xdp4j.engine.forward;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.xdp4j.bpf.LoadedObject;
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
  final XdpProgram[] chain;
  final Instant since;

  /** Whether a program of the chain may change where its frame begins or ends. */
  final boolean movesFrames;

  /** What tells whether the files are still those that were loaded. */
  final List<FileStamp> stamps;

  /** By worker, then chain and code; each worker writes its own. */
  private final long[][] runs;

  Attachment(
      ProgramPlan plan,
      LoadedObject loaded,
      List<XdpProgram> chain,
      List<FileStamp> stamps,
      int workers) {
    this(
        plan, loaded, chain.toArray(new XdpProgram[0]), stamps, Instant.now(), new long[workers][]);
    for (int i = 0; i < workers; i++) {
      runs[i] = new long[2 * PADDING + this.chain.length * CODES];
    }
  }

  private Attachment(
      ProgramPlan plan,
      LoadedObject loaded,
      XdpProgram[] chain,
      List<FileStamp> stamps,
      Instant since,
      long[][] runs) {
    this.plan = plan;
    this.loaded = loaded;
    this.chain = chain;
    this.stamps = stamps;
    this.since = since;
    this.runs = runs;
    this.movesFrames = Arrays.stream(chain).anyMatch(XdpProgram::runMayMoveFrame);
  }

  /** The same loaded program as part of another plan: on other ports, with other map contents. */
  Attachment as(ProgramPlan fresh) {
    return new Attachment(fresh, loaded, chain, stamps, since, runs);
  }

  /** Counts runs; the worker's thread only. */
  void count(int worker, int program, int code, long amount) {
    long[] own = runs[worker];
    int at = PADDING + program * CODES + code;
    ELEMENT.setOpaque(own, at, own[at] + amount);
  }

  /** Runs of one program of the chain that ended with a code, over all workers. */
  long runs(int program, int code) {
    long sum = 0;
    for (long[] worker : runs) {
      sum += (long) ELEMENT.getOpaque(worker, PADDING + program * CODES + code);
    }
    return sum;
  }
}
