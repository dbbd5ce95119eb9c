package org.xdp4j.engine.forward;

/** Something that goes on until it is closed. */
@FunctionalInterface
public interface Subscription extends AutoCloseable {
  /** Ends it; more than once does nothing more. */
  @Override
  void close();
}
