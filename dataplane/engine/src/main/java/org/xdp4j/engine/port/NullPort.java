package org.xdp4j.engine.port;

import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.frame.FramePool;

/** Nothing comes in, and what goes out is gone. */
public final class NullPort implements Receiver, Transmitter {
  @Override
  public int receive(FramePool pool, Frame[] into, int max) {
    return 0;
  }

  @Override
  public boolean ended() {
    return true;
  }

  @Override
  public void transmit(Frame frame, int ifindex) {}

  @Override
  public void close() {}
}
