package org.xdp4j.engine.port;

import java.io.IOException;
import org.xdp4j.engine.frame.Frame;

/** Where frames go. Owned by one thread. */
public interface Transmitter extends AutoCloseable {
  /**
   * Sends a frame. It stays the caller's.
   *
   * @param ifindex the interface it leaves by
   * @throws IOException when nothing can be sent any more
   */
  void transmit(Frame frame, int ifindex) throws IOException;

  /** Sends what was held back to be sent together. */
  default void flush() throws IOException {}

  /** Sends what is left and gives back what it holds. */
  @Override
  default void close() throws IOException {}
}
