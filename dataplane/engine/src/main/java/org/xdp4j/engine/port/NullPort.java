package org.xdp4j.engine.port;

import java.util.List;
import java.util.stream.IntStream;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;

/** Nothing comes in, and what goes out is gone: counted, and given back to the pool at once. */
public final class NullPort extends AbstractPort {
  private final List<NullQueue> queues;

  /** Makes one with as many queues as there are workers. */
  public NullPort(PortIdentity identity, int queues) {
    super(identity);
    this.queues = IntStream.range(0, queues).mapToObj(i -> new NullQueue()).toList();
  }

  @Override
  protected List<NullQueue> all() {
    return queues;
  }

  @Override
  public boolean offloads() {
    return true;
  }

  private static final class NullQueue extends SourceQueue {
    @Override
    public int receive(FramePool pool, Frame[] into, int max) {
      return 0;
    }
  }
}
