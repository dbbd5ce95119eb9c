package org.xdp4j.daemon.control.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;

/** Says whether a request may be answered at all, before any of its body is taken. */
public interface Gate {
  /** Lets everything pass: who can connect is known already. */
  Gate OPEN = (headers, access) -> {};

  /**
   * Checks who asks.
   *
   * @throws Problem when it may not
   */
  void check(HttpHeaders headers, Access access) throws Problem;

  /** The one value of a header field that must not come twice; null when it is not there. */
  static String only(HttpHeaders headers, CharSequence name) throws Problem {
    var values = headers.getAll(name);
    if (values.size() > 1) {
      throw Problem.bad("the header field " + name + " is given more than once");
    }
    return values.isEmpty() ? null : values.getFirst();
  }

  /** The Host header field, which HTTP/1.1 demands (RFC 9112, section 3.2). */
  static String host(HttpHeaders headers) throws Problem {
    String host = only(headers, HttpHeaderNames.HOST);
    if (host == null) {
      throw Problem.bad("the header field host is missing");
    }
    return host;
  }
}
