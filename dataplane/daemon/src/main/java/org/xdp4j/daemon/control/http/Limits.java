package org.xdp4j.daemon.control.http;

/**
 * What a listener's clients may cost.
 *
 * @param connections open at one time; further ones are closed at once, unless there is a stranger
 *     to make room
 * @param strangerMillis who has shown no token yet may take for a handshake, and for a request
 * @param idleMillis a connection may wait for its next request, its head included
 * @param bodyMillis a request's body may take
 * @param stallMillis a client may take nothing of a reply that waits for it
 * @param bodyBytes all bodies that are being received together
 */
public record Limits(
    int connections,
    long strangerMillis,
    long idleMillis,
    long bodyMillis,
    long stallMillis,
    long bodyBytes) {
  /** Bytes of a request's first line. */
  static final int LINE = 8 << 10;

  /** Bytes of a request's header fields. */
  static final int HEADERS = 16 << 10;

  /** Bytes of a reply that wait in a connection before no more is made. */
  static final int WAITING = 64 << 10;

  /** For a machine that has more to do than control. */
  public static Limits defaults() {
    return new Limits(64, 5_000, 30_000, 30_000, 15_000, 64 << 20);
  }
}
