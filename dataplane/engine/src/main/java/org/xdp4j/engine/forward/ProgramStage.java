package org.xdp4j.engine.forward;

import java.util.Arrays;
import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.engine.account.DropReason;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.port.Segmenter;
import org.xdp4j.net.wire.Ethernet;

/**
 * Runs a port's programs over batches and does what they say, short of the stack. Owned by one
 * worker.
 */
final class ProgramStage {
  static final int ABORTED = 0;
  static final int DROP = 1;
  static final int PASS = 2;
  static final int TX = 3;
  static final int REDIRECT = 4;

  private final ForwardWorker worker;
  private final XdpBatch batch = new XdpBatch(ForwardWorker.BATCH);
  private final RedirectStage redirects;
  private final long[] codes = new long[Attachment.CODES];
  private Attachment traced;
  private int tracedIndex;
  private ProgramTracer tracer;

  ProgramStage(ForwardWorker worker) {
    this.worker = worker;
    this.redirects = new RedirectStage(worker);
    Arrays.fill(batch.rxQueueIndex, worker.number);
  }

  /**
   * Takes note of frames that came in just now, to run over them next; one pass over frames does
   * what else has to be done with each as well.
   *
   * @return their bytes; negative when one of them is too short for a link header
   */
  long take(Frame[] frames, int count, long now) {
    XdpBatch to = batch;
    long bytes = 0;
    long shortest = Long.MAX_VALUE;
    for (int i = 0; i < count; i++) {
      Frame frame = frames[i];
      long data = frame.data;
      long end = frame.dataEnd;
      frame.received = now;
      to.frameStart[i] = frame.start;
      to.dataMeta[i] = data;
      to.data[i] = data;
      to.dataEnd[i] = end;
      to.frameEnd[i] = frame.end;
      to.ingressIfindex[i] = frame.ingress;
      to.nanos[i] = frame.nanos;
      bytes += end - data;
      shortest = Math.min(shortest, end - data);
    }
    to.size = count;
    return shortest < Ethernet.SIZE ? -bytes - 1 : bytes;
  }

  /**
   * Runs over the first {@code count} frames.
   *
   * @param taken whether they are those of the last {@link #take}
   * @return how many passed; they are the first of {@code frames} then, in their order
   */
  int run(Attachment attachment, Frame[] frames, int count, boolean taken) {
    int left = count;
    for (int i = 0; i < attachment.chain.length && left > 0; i++) {
      if (i > 0 || !taken) {
        fill(frames, left, i == 0);
      }
      left = run(attachment, i, frames, left);
    }
    return left;
  }

  private int run(Attachment attachment, int index, Frame[] frames, int count) {
    if (worker.taps().length != 0 && hasStory(frames, count)) {
      runOneByOne(attachment, index, frames, count);
    } else {
      attachment.chain[index].run(batch, worker.context);
    }
    int passed = apply(frames, count);
    for (int code = 0; code < Attachment.CODES; code++) {
      if (codes[code] != 0) {
        attachment.count(worker.number, index, code, codes[code]);
        codes[code] = 0;
      }
    }
    return passed;
  }

  private static boolean hasStory(Frame[] frames, int count) {
    boolean any = false;
    for (int i = 0; i < count; i++) {
      any |= frames[i].story != 0;
    }
    return any;
  }

  /** Runs on frames whose story is written down in the interpreter, and on others as ever. */
  private void runOneByOne(Attachment attachment, int index, Frame[] frames, int count) {
    XdpContext context = worker.context;
    for (int i = 0; i < count; i++) {
      batch.enter(i, context);
      long code =
          frames[i].story != 0
              ? tracer(attachment, index).run(frames[i])
              : attachment.chain[index].run(context);
      batch.leave(i, context, code);
    }
  }

  private ProgramTracer tracer(Attachment attachment, int index) {
    if (traced != attachment || tracer == null || tracedIndex != index) {
      traced = attachment;
      tracedIndex = index;
      tracer = new ProgramTracer(worker, attachment, index);
    }
    return tracer;
  }

  private void fill(Frame[] frames, int count, boolean first) {
    XdpBatch to = batch;
    for (int i = 0; i < count; i++) {
      Frame frame = frames[i];
      long data = frame.data;
      to.frameStart[i] = frame.start;
      to.dataMeta[i] = first ? data : frame.dataMeta;
      to.data[i] = data;
      to.dataEnd[i] = frame.dataEnd;
      to.frameEnd[i] = frame.end;
      to.ingressIfindex[i] = frame.ingress;
      to.nanos[i] = frame.nanos;
    }
    to.size = count;
  }

  private int apply(Frame[] frames, int count) {
    XdpBatch from = batch;
    int first = from.verdict[0];
    int differs = 0;
    boolean plain = true;
    for (int i = 0; i < count; i++) {
      Frame frame = frames[i];
      int verdict = from.verdict[i];
      frame.verdict = verdict;
      frame.dataMeta = from.dataMeta[i];
      frame.data = from.data[i];
      frame.dataEnd = from.dataEnd[i];
      differs |= verdict ^ first;
      plain &= !Segmenter.concerns(frame);
    }
    redirects.begin();
    if (differs == 0 && first == REDIRECT) {
      count(REDIRECT, count);
      redirects.redirect(from, frames, count, plain);
      return 0;
    }
    if (differs == 0 && first == PASS) {
      count(PASS, count);
      return count;
    }
    return applyEach(frames, count);
  }

  private int applyEach(Frame[] frames, int count) {
    XdpBatch from = batch;
    int passed = 0;
    int last = PASS;
    int same = 0;
    for (int i = 0; i < count; i++) {
      Frame frame = frames[i];
      int verdict = from.verdict[i];
      if (verdict != last) {
        count(last, same);
        last = verdict;
        same = 0;
      }
      same++;
      switch (verdict) {
        case PASS -> frames[passed++] = frame;
        case DROP -> worker.drop(frame, DropReason.XDP_DROP);
        case TX -> transmit(frame);
        case ABORTED -> worker.drop(frame, DropReason.XDP_ABORTED);
        case REDIRECT -> redirects.redirect(from, i, frame);
        default -> worker.drop(frame, DropReason.UNKNOWN_ACTION);
      }
    }
    count(last, same);
    return passed;
  }

  private void count(int verdict, int frames) {
    codes[verdict >= 0 && verdict <= REDIRECT ? verdict : Attachment.CODES - 1] += frames;
  }

  private void transmit(Frame frame) {
    Egress egress = worker.egress(frame.ingress);
    if (egress == null) {
      worker.drop(frame, DropReason.PORT_GONE);
    } else {
      egress.add(frame);
    }
  }

  /** A frame came from another worker by a CPU map. */
  void arrived(Frame frame) {
    redirects.arrived(frame);
  }

  /** Runs the timers of programs that are due. */
  void runTimers(Layout layout) {
    for (LivePort port : layout.ports()) {
      Attachment attachment = port.attachment;
      if (attachment != null) {
        attachment.loaded.runTimers(worker.context);
      }
    }
  }
}
