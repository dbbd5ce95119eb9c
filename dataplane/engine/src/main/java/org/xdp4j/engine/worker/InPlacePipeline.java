package org.xdp4j.engine.worker;

import java.util.Map;
import java.util.TreeMap;
import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.account.Counters;
import org.xdp4j.engine.port.CaptureSource;

/**
 * One worker on the caller's own thread, for programs that leave frames where they are (see {@link
 * org.xdp4j.bpf.XdpProgram#mayMoveFrame}) when frames end in counters alone. The records of a
 * capture are copied into the region as they lie in the file, many at once, and run there: no
 * buffer a frame, no headroom, and from source to counter only columns of numbers. Little code is
 * little to compile, which is most of what a short replay waits for.
 */
public final class InPlacePipeline implements Pipeline {
  /** Frames of a batch: its columns and frames stay in the first cache. */
  public static final int BATCH = 64;

  /** Bytes copied at once; any record fits. */
  private static final int STRETCH = 512 << 10;

  private static final int CACHE_LINE = 64;

  private final CaptureSource source;
  private final BatchProgram program;
  private final XdpContext context;
  private final Region region;
  private final long stretch;
  private final XdpBatch batch = new XdpBatch(BATCH);
  private final VerdictTally tally;
  private final IdleStrategy idle = new IdleStrategy();
  private volatile boolean stopped;

  /** Makes one; it gives its memory back when it has run. */
  public InPlacePipeline(
      CaptureSource source,
      BatchProgram program,
      XdpContext context,
      Counters counters,
      Region region) {
    this.source = source;
    this.program = program;
    this.context = context;
    this.region = region;
    this.stretch = region.allocate(STRETCH, CACHE_LINE);
    this.tally = new VerdictTally(counters);
  }

  @Override
  public void run() {
    while (!stopped) {
      int done = doWork();
      if (done == 0 && source.ended()) {
        break;
      }
      idle.idle(done);
    }
    region.free(stretch, STRETCH);
  }

  private int doWork() {
    int count = source.receive(batch, stretch, STRETCH);
    if (count > 0) {
      program.run(batch, context);
      tally.add(batch);
    }
    return count;
  }

  /** Frames sent by redirects, by interface index. */
  public Map<Integer, Long> redirected() {
    return new TreeMap<>(tally.targets().toMap());
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
