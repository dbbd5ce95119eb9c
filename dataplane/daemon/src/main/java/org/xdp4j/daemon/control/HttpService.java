package org.xdp4j.daemon.control;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.xdp4j.daemon.control.http.Limits;
import org.xdp4j.daemon.control.http.Listener;
import org.xdp4j.daemon.control.http.Routes;
import org.xdp4j.daemon.control.http.TokenGate;

/** HTTP served at one address. What is asked of clients there may change while it is. */
final class HttpService implements Service {
  private final Listener listener;
  private final TokenGate gate;
  private volatile ControlSettings.Http settings;
  private volatile SslContext tls;

  private HttpService(
      ControlSettings.Http settings,
      SslContext tls,
      TokenGate gate,
      Routes routes,
      Limits limits,
      boolean shared)
      throws IOException {
    this.settings = settings;
    this.tls = tls;
    this.gate = gate;
    this.listener =
        Listener.tcp(
            settings.address(),
            new Listener.Setup(
                "control-http", routes, gate, accepted -> true, () -> this.tls, limits),
            shared);
  }

  /**
   * Listens. Clients wait until {@link #begin}.
   *
   * @param tls of {@link #tls}
   * @param before what is served until then; null for nothing
   */
  static HttpService open(
      ControlSettings.Http settings,
      SslContext tls,
      Routes routes,
      Limits limits,
      HttpService before)
      throws ControlException {
    // 127.0.0.1 and 0.0.0.0 overlap. Only for the moment of a move may two listen on one port: for
    // longer, another daemon of the same user could come to be at the same address, unnoticed.
    int port = settings.address().getPort();
    boolean shared = before != null && before.address().getPort() == port;
    TokenGate gate = new TokenGate(settings.token(), settings.writable(), hosts(settings));
    try {
      if (shared) {
        before.listener.share(true);
      }
      HttpService opened = new HttpService(settings, tls, gate, routes, limits, shared);
      if (shared) {
        opened.listener.share(false);
      }
      return opened;
    } catch (IOException e) {
      throw new ControlException(
          "HTTP control cannot listen on " + text(settings.address()) + ": " + e.getMessage(), e);
    } finally {
      if (shared) {
        before.listener.share(false);
      }
    }
  }

  /** The certificate and key of settings; null when they name none. */
  static SslContext tls(ControlSettings.Http http) throws ControlException {
    if (http.certificate() == null) {
      return null;
    }
    try {
      return SslContextBuilder.forServer(http.certificate().toFile(), http.key().toFile())
          .sslProvider(SslProvider.JDK)
          .protocols("TLSv1.3", "TLSv1.2")
          .build();
    } catch (IOException | IllegalArgumentException e) {
      throw new ControlException(
          "TLS cannot be set up from "
              + http.certificate()
              + " and "
              + http.key()
              + ": "
              + String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", " "),
          e);
    }
  }

  private static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  private static Set<String> hosts(ControlSettings.Http http) {
    Set<String> hosts = new HashSet<>();
    InetAddress address = http.address().getAddress();
    String literal = address.getHostAddress();
    hosts.add(literal.indexOf(':') >= 0 ? "[" + literal + "]" : literal);
    if (address.isLoopbackAddress()) {
      hosts.addAll(Set.of("localhost", "127.0.0.1", "[::1]"));
    }
    http.names().forEach(name -> hosts.add(name.toLowerCase(Locale.ROOT)));
    return hosts;
  }

  ControlSettings.Http settings() {
    return settings;
  }

  /** Where it listens, with the port that was chosen. */
  InetSocketAddress address() {
    return (InetSocketAddress) listener.address();
  }

  /** Whether it was to listen there. */
  boolean isAt(InetSocketAddress wanted) {
    return settings.address().equals(wanted);
  }

  @Override
  public int connections() {
    return listener.connections();
  }

  @Override
  public long bodyBytes() {
    return listener.bodyBytes();
  }

  /**
   * Asks clients for another token, knows other names, and lets them change things or not, from the
   * next request on; connections that are made from now on get another certificate.
   */
  void change(ControlSettings.Http fresh, SslContext certificate) {
    settings = fresh;
    tls = certificate;
    gate.change(fresh.token(), fresh.writable(), hosts(fresh));
  }

  /** Answers clients from now on. */
  void begin() {
    listener.accept();
  }

  @Override
  public void leave(Runnable gone) {
    listener.leave(gone);
  }

  /** Ends its connections, however many threads call it; each returns once all has ended. */
  @Override
  public void close() {
    listener.close();
  }
}
