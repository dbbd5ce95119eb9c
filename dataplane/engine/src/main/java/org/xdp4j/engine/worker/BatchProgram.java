package org.xdp4j.engine.worker;

import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.bpf.context.XdpContext;

/** What workers run: {@code XdpProgram::run}. */
@FunctionalInterface
public interface BatchProgram {
  /** Runs over every frame of {@code batch}, leaving verdicts and bounds in it. Never throws. */
  void run(XdpBatch batch, XdpContext context);
}
