package org.xdp4j.daemon.control;

/** The API served at one place. */
interface Service extends AutoCloseable {
  /** Connections that are open. */
  int connections();

  /** Bytes of requests' bodies that are kept now. */
  long bodyBytes();

  /**
   * Takes no more connections, and closes once those there are have ended, or after a while. The
   * client that asked for it may be among them, and gets its answer.
   *
   * @param gone called once it is closed
   */
  void leave(Runnable gone);

  /** Ends its connections, however many threads call it; each returns once all has ended. */
  @Override
  void close();
}
