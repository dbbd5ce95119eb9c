package org.xdp4j.engine;

import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.worker.BatchProgram;

/**
 * A program that does what the frame's payload says: the byte at {@link #ACTION} is its return
 * code, the 32 bits at {@link #TARGET} the interface it redirects to.
 */
class ScriptedProgram implements BatchProgram {
  /** Where the return code is, after Ethernet, IPv4 and UDP headers. */
  static final int ACTION = 42;

  static final int TARGET = 43;

  @Override
  public void run(XdpBatch batch, XdpContext context) {
    batch.done = 0;
    for (int i = 0; i < batch.size; i++) {
      batch.enter(i, context);
      batch.leave(i, context, judge(context));
    }
  }

  /** Judges one frame. */
  int judge(XdpContext context) {
    if (context.dataEnd - context.data < TARGET + 4) {
      return 2;
    }
    int action = context.region.segment().get(Region.BYTE, context.data + ACTION);
    if (action == 4) {
      context.redirectTarget = context.region.segment().get(Region.INT, context.data + TARGET);
    }
    return action;
  }
}
