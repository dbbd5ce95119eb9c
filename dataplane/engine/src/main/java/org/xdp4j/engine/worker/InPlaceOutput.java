package org.xdp4j.engine.worker;

import java.io.IOException;
import org.xdp4j.bpf.context.XdpBatch;
import org.xdp4j.engine.capture.RecordBatch;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.port.Transmitter;

/** Writes the frames of batches that were run in place. Owned by one thread. */
final class InPlaceOutput {
  private static final int PASS = 2;
  private static final int TX = 3;
  private static final int REDIRECT = 4;

  private final Transmitter out;
  private final Transmitter dropped;
  private final Frame view = Frame.view();
  private IOException failure;

  /** Makes one; either may be null. */
  InPlaceOutput(Transmitter out, Transmitter dropped) {
    this.out = out;
    this.dropped = dropped;
  }

  /**
   * Writes the frames of {@code batch} that somebody wants.
   *
   * @return how many were done with: all, unless {@link #failure}
   */
  int write(XdpBatch batch, RecordBatch origin) {
    for (int i = 0; i < batch.size; i++) {
      int verdict = batch.verdict[i];
      boolean redirected = verdict == REDIRECT && (int) batch.redirectTarget[i] > 0;
      boolean goesOn = verdict == PASS || verdict == TX || redirected;
      Transmitter to = goesOn ? out : dropped;
      if (to == null) {
        continue;
      }
      int ifindex = redirected ? (int) batch.redirectTarget[i] : batch.ingressIfindex[i];
      try {
        to.transmit(see(batch, origin, i), ifindex);
      } catch (IOException e) {
        failure = e;
        return i;
      }
    }
    return batch.size;
  }

  private Frame see(XdpBatch batch, RecordBatch origin, int i) {
    Frame frame = view;
    frame.data = batch.data[i];
    frame.dataEnd = batch.dataEnd[i];
    frame.timestamp = origin.nanos[i];
    frame.cutBytes = Math.max(0, origin.originalLength[i] - frame.length());
    frame.ingress = batch.ingressIfindex[i];
    frame.verdict = batch.verdict[i];
    return frame;
  }

  /** Why nothing can be written any more, or null. */
  IOException failure() {
    return failure;
  }
}
