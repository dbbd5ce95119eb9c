package org.xdp4j.engine.worker;

import java.lang.foreign.MemorySegment;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.net.flow.FlowHash;

/** Which worker a frame is for: those of a flow go to one. Owned by one thread. */
final class FlowDispatch {
  private final MemorySegment memory;
  private final int workers;
  private final FlowHash flows = new FlowHash();

  FlowDispatch(Region region, int workers) {
    this.memory = region.segment();
    this.workers = workers;
  }

  /** A worker's number, from 0. */
  int workerOf(Frame frame) {
    int hash = flows.hash(memory, frame.data, frame.length());
    return (int) (Integer.toUnsignedLong(hash) * workers >>> Integer.SIZE);
  }
}
