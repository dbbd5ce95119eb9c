package org.xdp4j.daemon.control.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.Set;

/**
 * The gate of TCP. A token in the {@code Authorization} field (RFC 6750), which no other page's
 * script can send, says who asks; the Host field must name this server, so that a foreign name that
 * resolves here (DNS rebinding) leads nowhere; and requests that a browser makes for another site's
 * page are refused.
 */
public final class TokenGate implements Gate {
  private static final String SCHEME = "bearer ";

  private volatile Terms terms;

  private record Terms(byte[] tokenHash, boolean writable, Set<String> hosts) {}

  /**
   * Makes one.
   *
   * @param token what clients must know
   * @param writable whether they may change anything
   * @param hosts names, without port, that stand for this server
   */
  public TokenGate(String token, boolean writable, Set<String> hosts) {
    change(token, writable, hosts);
  }

  /** Asks for other things from the next request on, also of who is connected already. */
  public final void change(String token, boolean writable, Set<String> hosts) {
    terms = new Terms(hash(token), writable, Set.copyOf(hosts));
  }

  @Override
  public void check(HttpHeaders headers, Access access) throws Problem {
    Terms now = terms;
    String host = Gate.host(headers);
    if (!now.hosts.contains(name(host))) {
      throw Problem.of(421, "this server is not known by that name");
    }
    requireSameSite(headers, host);
    if (access == Access.OPEN) {
      return;
    }
    requireToken(now, Gate.only(headers, HttpHeaderNames.AUTHORIZATION));
    if (access == Access.WRITE && !now.writable) {
      throw Problem.of(
          403, "over TCP this daemon only shows; changes are made through its AF_UNIX socket");
    }
  }

  private static String name(String host) {
    int end = host.startsWith("[") ? host.indexOf(']') + 1 : host.indexOf(':');
    return (end <= 0 ? host : host.substring(0, end)).toLowerCase(Locale.ROOT);
  }

  private static void requireSameSite(HttpHeaders headers, String host) throws Problem {
    String origin = Gate.only(headers, HttpHeaderNames.ORIGIN);
    if (origin != null
        && !origin.equalsIgnoreCase("http://" + host)
        && !origin.equalsIgnoreCase("https://" + host)) {
      throw Problem.of(403, "requests of other sites' pages are not answered");
    }
    String site = Gate.only(headers, "sec-fetch-site");
    if (site != null && !site.equals("same-origin") && !site.equals("none")) {
      throw Problem.of(403, "requests of other sites' pages are not answered");
    }
  }

  private static void requireToken(Terms now, String authorization) throws Problem {
    boolean known =
        authorization != null
            && authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
            // Of equal length whatever was given, and compared in constant time.
            && MessageDigest.isEqual(
                now.tokenHash, hash(authorization.substring(SCHEME.length()).strip()));
    if (!known) {
      throw Problem.of(401, "a token is needed, as Authorization: Bearer TOKEN")
          .with("WWW-Authenticate", "Bearer realm=\"xdp4j\"");
    }
  }

  private static byte[] hash(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // Every Java has it.
    }
  }
}
