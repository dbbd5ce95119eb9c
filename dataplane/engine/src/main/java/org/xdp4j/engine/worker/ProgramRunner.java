package org.xdp4j.engine.worker;

import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.engine.account.Counter;
import org.xdp4j.engine.account.Counters;
import org.xdp4j.engine.frame.Fate;
import org.xdp4j.engine.frame.Frame;

/**
 * Runs the program over frames, a batch at a time, and decides each frame's fate from what it
 * returned. Owned by one thread.
 */
final class ProgramRunner {
  private static final int ABORTED = 0;
  private static final int DROP = 1;
  private static final int PASS = 2;
  private static final int TX = 3;
  private static final int REDIRECT = 4;
  private static final int CODES = 5;

  private final BatchProgram program;
  private final XdpContext context;
  private final XdpBatch batch;
  private final RedirectResolver redirects;
  private final Counters counters;
  private final int queue;
  private final long[] verdicts = new long[CODES + 1];

  /**
   * Makes one.
   *
   * @param queue the receive queue that programs see
   */
  ProgramRunner(
      BatchProgram program, XdpContext context, int batchSize, int queue, Counters counters) {
    this.program = program;
    this.context = context;
    this.batch = new XdpBatch(batchSize);
    this.redirects = new RedirectResolver(context);
    this.queue = queue;
    this.counters = counters;
  }

  /** Runs over the first {@code count} frames, at most a batch. */
  void run(Frame[] frames, int count) {
    fill(frames, count);
    program.run(batch, context);
    apply(frames, count);
  }

  private void fill(Frame[] frames, int count) {
    XdpBatch to = batch;
    for (int i = 0; i < count; i++) {
      Frame frame = frames[i];
      to.frameStart[i] = frame.start;
      to.dataMeta[i] = frame.data;
      to.data[i] = frame.data;
      to.dataEnd[i] = frame.dataEnd;
      to.frameEnd[i] = frame.end;
      to.ingressIfindex[i] = frame.ingress;
      to.rxQueueIndex[i] = queue;
      to.nanos[i] = frame.nanos;
    }
    to.size = count;
  }

  private void apply(Frame[] frames, int count) {
    XdpBatch from = batch;
    for (int i = 0; i < count; i++) {
      Frame frame = frames[i];
      int verdict = from.verdict[i];
      frame.dataMeta = from.dataMeta[i];
      frame.data = from.data[i];
      frame.dataEnd = from.dataEnd[i];
      frame.verdict = verdict;
      switch (verdict) {
        case PASS -> frame.fate = Fate.DELIVER;
        case DROP -> frame.fate = Fate.DROP;
        case TX -> frame.fate = Fate.TRANSMIT;
        case ABORTED -> frame.fate = Fate.ABORT;
        case REDIRECT -> redirects.resolve(from, i, frame);
        default -> frame.fate = Fate.UNKNOWN;
      }
      verdicts[verdict >= 0 && verdict < CODES ? verdict : CODES]++;
    }
    count();
  }

  private void count() {
    for (int code = 0; code <= CODES; code++) {
      if (verdicts[code] != 0) {
        counters.add(Counter.ofVerdict(code), verdicts[code]);
        verdicts[code] = 0;
      }
    }
  }
}
