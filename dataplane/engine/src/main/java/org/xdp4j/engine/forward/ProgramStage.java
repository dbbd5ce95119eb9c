package org.xdp4j.engine.forward;

import java.util.Arrays;
import java.util.Objects;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.PinnedMaps;
import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.MapTimers;
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
  private final PinnedMaps pins;

  /** For programs that may move what their frame begins or ends with. */
  private final XdpBatch whole = new XdpBatch(ForwardWorker.BATCH);

  /** For others, which need to know less and leave less to be written back. */
  private final XdpBatch inPlace = XdpBatch.inPlace(ForwardWorker.BATCH);

  /** The one of the two that frames are in. */
  private XdpBatch batch = whole;

  /** Bytes of the frames in it. */
  private long bytes;

  /** Whether all of them came in together, and nothing of any is left to a device. */
  private boolean plain;

  private final RedirectStage redirects;
  private final long[] codes = new long[Attachment.CODES];
  private Attachment traced;
  private ProgramTracer[] tracers = {};

  /** Of the layout's programs, those that may have timers. */
  private LoadedObject[] timed = {};

  ProgramStage(ForwardWorker worker, PinnedMaps pins) {
    this.worker = worker;
    this.pins = pins;
    this.redirects = new RedirectStage(worker);
    Arrays.fill(whole.rxQueueIndex, worker.number);
    Arrays.fill(inPlace.rxQueueIndex, worker.number);
  }

  /**
   * Takes note of frames that came in just now, to run over them next; one pass over frames does
   * what else has to be done with each as well.
   *
   * @return their bytes; negative when one of them is too short for a link header
   */
  long take(Attachment attachment, Frame[] frames, int count, long now) {
    if (attachment.movesFrames) {
      for (int i = 0; i < count; i++) {
        frames[i].received = now;
      }
      return fill(frames, count);
    }
    return fillInPlace(frames, count, now);
  }

  /** As {@link #take}, where no program is to run. */
  static long pass(Frame[] frames, int count, long now) {
    long bytes = 0;
    boolean whole = true;
    for (int i = 0; i < count; i++) {
      Frame frame = frames[i];
      frame.received = now;
      frame.verdict = Frame.NO_VERDICT;
      int length = frame.length();
      whole &= length >= Ethernet.SIZE;
      bytes += length;
    }
    return whole ? bytes : -bytes - 1;
  }

  /**
   * Runs over the first {@code count} frames.
   *
   * @param taken whether they are those of the last {@link #take}
   * @return how many passed; they are the first of {@code frames} then, in their order
   */
  int run(Attachment attachment, Frame[] frames, int count, boolean taken) {
    if (count == 0) {
      return 0;
    }
    if (!taken) {
      if (attachment.movesFrames) {
        fill(frames, count);
      } else {
        fillInPlace(frames, count);
      }
    }
    if (worker.taps().length != 0 && hasStory(frames, count)) {
      runOneByOne(attachment, frames, count);
    } else {
      attachment.whole.run(batch, worker.context);
    }
    int passed = apply(frames, count);
    for (int code = 0; code < Attachment.CODES; code++) {
      if (codes[code] != 0 && attachment.linked == null) {
        attachment.count(worker.number, 0, code, codes[code]);
      }
      codes[code] = 0;
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
  private void runOneByOne(Attachment attachment, Frame[] frames, int count) {
    XdpContext context = worker.context;
    for (int i = 0; i < count; i++) {
      batch.enter(i, context);
      long code =
          frames[i].story != 0 ? trace(attachment, frames[i]) : attachment.whole.run(context);
      batch.leave(i, context, code);
    }
  }

  /** Runs one program after the other, as the chain has them. */
  private long trace(Attachment attachment, Frame frame) {
    if (attachment.linked == null) {
      return tracer(attachment, 0).run(frame);
    }
    for (int i = 0; i < attachment.chain.length; i++) {
      long code = tracer(attachment, i).run(frame);
      attachment.count(worker.number, i, slot((int) code), 1);
      if (!attachment.chain[i].config().goesOnAfter((int) code)) {
        return code;
      }
    }
    return PASS;
  }

  private ProgramTracer tracer(Attachment attachment, int index) {
    if (traced != attachment) {
      traced = attachment;
      tracers = new ProgramTracer[attachment.chain.length];
    }
    if (tracers[index] == null) {
      tracers[index] = new ProgramTracer(worker, attachment, index);
    }
    return tracers[index];
  }

  /** Returns what {@link #take} does. */
  private long fill(Frame[] frames, int count) {
    XdpBatch to = whole;
    long received = frames[0].received;
    long sum = 0;
    long shortest = Long.MAX_VALUE;
    boolean special = false;
    for (int i = 0; i < count; i++) {
      Frame frame = frames[i];
      long data = frame.data;
      long end = frame.dataEnd;
      special |= frame.received != received;
      to.frameStart[i] = frame.start;
      to.dataMeta[i] = data;
      to.data[i] = data;
      to.dataEnd[i] = end;
      to.frameEnd[i] = frame.end;
      to.ingressIfindex[i] = frame.ingress;
      to.nanos[i] = frame.nanos;
      special |= Segmenter.concerns(frame);
      sum += end - data;
      shortest = Math.min(shortest, end - data);
    }
    begin(to, count, sum, !special);
    return shortest < Ethernet.SIZE ? -sum - 1 : sum;
  }

  private long fillInPlace(Frame[] frames, int count, long now) {
    XdpBatch to = inPlace;
    long sum = 0;
    long shortest = Long.MAX_VALUE;
    boolean special = false;
    for (int i = 0; i < count; i++) {
      Frame frame = frames[i];
      long data = frame.data;
      long end = frame.dataEnd;
      frame.received = now;
      frame.dataMeta = data;
      to.data[i] = data;
      to.dataEnd[i] = end;
      to.ingressIfindex[i] = frame.ingress;
      to.nanos[i] = frame.nanos;
      special |= Segmenter.concerns(frame);
      sum += end - data;
      shortest = Math.min(shortest, end - data);
    }
    begin(to, count, sum, !special);
    return shortest < Ethernet.SIZE ? -sum - 1 : sum;
  }

  /** The same for frames that came in before. */
  private void fillInPlace(Frame[] frames, int count) {
    XdpBatch to = inPlace;
    long received = frames[0].received;
    long sum = 0;
    boolean special = false;
    for (int i = 0; i < count; i++) {
      Frame frame = frames[i];
      long data = frame.data;
      long end = frame.dataEnd;
      special |= frame.received != received;
      frame.dataMeta = data;
      to.data[i] = data;
      to.dataEnd[i] = end;
      to.ingressIfindex[i] = frame.ingress;
      to.nanos[i] = frame.nanos;
      special |= Segmenter.concerns(frame);
      sum += end - data;
    }
    begin(to, count, sum, !special);
  }

  private void begin(XdpBatch filled, int count, long sum, boolean isPlain) {
    filled.size = count;
    batch = filled;
    bytes = sum;
    plain = isPlain;
  }

  private int apply(Frame[] frames, int count) {
    if (batch == whole) {
      takeBack(frames, count);
    }
    redirects.begin();
    int first = batch.verdict[0];
    if (!isSame(batch.verdict, count)) {
      return applyEach(frames, count);
    }
    count(first, count);
    if (first == REDIRECT) {
      redirect(frames, count);
      return 0;
    }
    note(frames, count, first);
    if (first == PASS) {
      return count;
    }
    for (int i = 0; i < count; i++) {
      end(frames[i], first);
    }
    return 0;
  }

  private static boolean isSame(int[] column, int count) {
    int first = column[0];
    int differs = 0;
    for (int i = 0; i < count; i++) {
      differs |= column[i] ^ first;
    }
    return differs == 0;
  }

  /** Takes what frames begin and end with from the batch. */
  private void takeBack(Frame[] frames, int count) {
    XdpBatch from = whole;
    long sum = 0;
    for (int i = 0; i < count; i++) {
      Frame frame = frames[i];
      frame.dataMeta = from.dataMeta[i];
      frame.data = from.data[i];
      frame.dataEnd = from.dataEnd[i];
      sum += from.dataEnd[i] - from.data[i];
    }
    bytes = sum;
  }

  private static void note(Frame[] frames, int count, int verdict) {
    for (int i = 0; i < count; i++) {
      frames[i].verdict = verdict;
    }
  }

  /** Does what a batch wants of which each frame was redirected. */
  private void redirect(Frame[] frames, int count) {
    Egress way = redirects.onlyWay(batch);
    if (way == null || !way.isOwn() || worker.taps().length != 0) {
      note(frames, count, REDIRECT); // someone may ask for it; else they leave within this round
    }
    if (way != null) {
      way.add(frames, 0, count, bytes, plain);
      return;
    }
    for (int i = 0; i < count; i++) {
      redirects.redirect(batch, i, frames[i]);
    }
  }

  private int applyEach(Frame[] frames, int count) {
    XdpBatch from = batch;
    int passed = 0;
    int last = PASS;
    int same = 0;
    for (int i = 0; i < count; i++) {
      Frame frame = frames[i];
      int verdict = from.verdict[i];
      frame.verdict = verdict;
      if (verdict != last) {
        count(last, same);
        last = verdict;
        same = 0;
      }
      same++;
      switch (verdict) {
        case PASS -> frames[passed++] = frame;
        case REDIRECT -> redirects.redirect(from, i, frame);
        default -> end(frame, verdict);
      }
    }
    count(last, same);
    return passed;
  }

  /** What becomes of a frame that does not go on to the stack or where a map says. */
  private void end(Frame frame, int verdict) {
    switch (verdict) {
      case DROP -> worker.drop(frame, DropReason.XDP_DROP);
      case TX -> transmit(frame);
      case ABORTED -> worker.drop(frame, DropReason.XDP_ABORTED);
      default -> worker.drop(frame, DropReason.UNKNOWN_ACTION);
    }
  }

  private void count(int verdict, int frames) {
    codes[slot(verdict)] += frames;
  }

  private static int slot(int verdict) {
    return verdict >= 0 && verdict <= REDIRECT ? verdict : Attachment.CODES - 1;
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

  /**
   * When the next timer of the programs or of a pinned map is due, by {@link System#nanoTime};
   * {@link MapTimers#NEVER} for none, and for nothing where there can be none.
   */
  long nextTimer() {
    long next = pins.nextTimer();
    for (LoadedObject each : timed) {
      next = Math.min(next, each.nextTimer());
    }
    return next;
  }

  /** Runs the timers of programs, and of maps that a pin keeps, that are due. */
  void runTimers(long now) {
    for (LoadedObject each : timed) {
      if (each.nextTimer() <= now) {
        each.runTimers(worker.context);
      }
    }
    if (pins.nextTimer() <= now) {
      pins.runTimers(worker.context);
    }
  }

  /** Looks after the timers of these ports' programs from now on. */
  void lookAfter(Layout layout) {
    timed =
        layout.ports().stream()
            .map(port -> port.attachment)
            .filter(Objects::nonNull)
            .flatMap(attachment -> attachment.objects().stream())
            .filter(LoadedObject::hasTimers)
            .distinct()
            .toArray(LoadedObject[]::new);
  }
}
