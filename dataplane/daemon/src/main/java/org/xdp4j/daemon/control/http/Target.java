package org.xdp4j.daemon.control.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import java.util.Locale;

/** A request's target (RFC 9112, section 3.2), which proxies' clients write as a whole URL. */
final class Target {
  private Target() {}

  /**
   * The target in origin form: a path, and perhaps a query. Where the whole URL is written, its
   * authority takes the place of the Host field's, which is not looked at (section 3.2.2).
   */
  static String of(HttpRequest request) throws Problem {
    String uri = request.uri();
    if (uri.startsWith("/")) {
      return uri;
    }
    String lower = uri.toLowerCase(Locale.ROOT);
    int scheme = lower.startsWith("http://") ? 7 : lower.startsWith("https://") ? 8 : 0;
    int end = scheme;
    while (end < uri.length() && "/?#".indexOf(uri.charAt(end)) < 0) {
      end++;
    }
    String authority = uri.substring(scheme, end);
    if (scheme == 0 || authority.isEmpty() || authority.indexOf('@') >= 0) {
      throw Problem.bad("the request's target must be a path, or a URL of http or https");
    }
    Gate.host(request.headers());
    request.headers().set(HttpHeaderNames.HOST, authority);
    String path = uri.substring(end);
    return path.startsWith("/") ? path : "/" + path;
  }
}
