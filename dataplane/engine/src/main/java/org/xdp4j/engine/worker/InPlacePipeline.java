package org.xdp4j.engine.worker;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.engine.account.Counters;
import org.xdp4j.engine.capture.RecordBatch;
import org.xdp4j.engine.port.CaptureSource;
import org.xdp4j.engine.port.Transmitter;

/**
 * One worker on the caller's own thread, for programs that leave frames where they are (see {@link
 * org.xdp4j.bpf.XdpProgram#mayMoveFrame}). Records are run where they were read to: no buffer a
 * frame, no headroom, no copy, and from source to counter only columns of numbers. Little code is
 * little to compile, which is most of what a short replay waits for.
 */
public final class InPlacePipeline implements Pipeline {
  /** Frames of a batch: its columns and frames stay in the first cache. */
  public static final int BATCH = 64;

  private final CaptureSource source;
  private final BatchProgram program;
  private final XdpContext context;
  private final XdpBatch batch = XdpBatch.inPlace(BATCH);
  private final RecordBatch origin;
  private final VerdictTally tally;
  private final InPlaceOutput output;
  private final IdleStrategy idle = new IdleStrategy();
  private volatile boolean stopped;

  /**
   * Makes one.
   *
   * @param source one that {@link CaptureSource#readsInPlace}
   * @param out gets frames that are sent or delivered; null when they are only counted
   * @param dropped gets frames that are dropped; null when they are only counted
   */
  public InPlacePipeline(
      CaptureSource source,
      BatchProgram program,
      XdpContext context,
      Counters counters,
      Transmitter out,
      Transmitter dropped) {
    this.source = source;
    this.program = program;
    this.context = context;
    this.tally = new VerdictTally(counters);
    this.origin = out == null && dropped == null ? null : new RecordBatch(BATCH);
    this.output = out == null && dropped == null ? null : new InPlaceOutput(out, dropped);
  }

  @Override
  public void run() {
    while (!stopped && failure() == null) {
      int done = doWork();
      if (done == 0 && source.ended()) {
        break;
      }
      idle.idle(done);
    }
  }

  private int doWork() {
    int count = source.receive(origin, batch);
    if (count > 0) {
      program.run(batch, context);
      tally.add(batch, output == null ? count : output.write(batch, origin));
    }
    return count;
  }

  @Override
  public Map<Integer, Long> redirected() {
    return new TreeMap<>(tally.targets().toMap());
  }

  @Override
  public IOException failure() {
    return output == null ? null : output.failure();
  }

  @Override
  public void stop() {
    stopped = true;
  }

  @Override
  public boolean stopped() {
    return stopped;
  }

  @Override
  public int inFlight() {
    return 0;
  }
}
