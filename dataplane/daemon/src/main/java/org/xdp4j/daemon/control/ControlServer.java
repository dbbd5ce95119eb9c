package org.xdp4j.daemon.control;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import org.xdp4j.daemon.control.api.Api;
import org.xdp4j.daemon.control.http.Gate;
import org.xdp4j.daemon.control.http.Limits;
import org.xdp4j.daemon.control.http.Listener;
import org.xdp4j.daemon.control.http.Routes;
import org.xdp4j.daemon.control.http.TokenGate;
import org.xdp4j.daemon.control.live.ForwarderDataplane;
import org.xdp4j.daemon.control.view.Dataplane;
import org.xdp4j.engine.forward.Forwarder;

/** The control plane of one running data plane. */
public final class ControlServer implements AutoCloseable {
  static {
    // Netty would use sun.misc.Unsafe, of which the JVM warns at every start.
    System.setProperty("io.netty.noUnsafe", "true");
  }

  private final Dataplane dataplane;
  private final SocketFile socket;
  private final Listener unix;
  private final Listener tcp;
  private final TokenGate gate;
  private ControlSettings.Http http;

  private ControlServer(
      Dataplane dataplane,
      SocketFile socket,
      Listener unix,
      Listener tcp,
      TokenGate gate,
      ControlSettings.Http http) {
    this.dataplane = dataplane;
    this.socket = socket;
    this.unix = unix;
    this.tcp = tcp;
    this.gate = gate;
    this.http = http;
  }

  /**
   * Listens. The forwarder stays the caller's, who closes this server first.
   *
   * @param reload reads the configuration again; null when there is none
   * @throws ControlException with one sentence; nothing is left open
   */
  public static ControlServer start(
      Forwarder forwarder, ControlSettings settings, Api.Reload reload) throws ControlException {
    return start(new ForwarderDataplane(forwarder), settings, reload);
  }

  /** The same for any data plane, which is closed with the server. */
  public static ControlServer start(
      Dataplane dataplane, ControlSettings settings, Api.Reload reload) throws ControlException {
    return start(dataplane, settings, reload, Limits.defaults());
  }

  /** The same with other limits. */
  public static ControlServer start(
      Dataplane dataplane, ControlSettings settings, Api.Reload reload, Limits limits)
      throws ControlException {
    Routes routes = Api.routes(dataplane, reload);
    SocketFile socket = null;
    Listener unix = null;
    if (settings.socket() != null) {
      socket = SocketFile.prepare(settings.socket());
      unix = listen(socket, routes, limits);
    }
    try {
      ControlSettings.Http http = settings.http();
      TokenGate gate =
          http == null ? null : new TokenGate(http.token(), http.writable(), hosts(http));
      Listener tcp = http == null ? null : listen(http, gate, routes, limits);
      return new ControlServer(dataplane, socket, unix, tcp, gate, http);
    } catch (ControlException e) {
      new ControlServer(dataplane, socket, unix, null, null, null).close();
      throw e;
    }
  }

  private static Listener listen(SocketFile socket, Routes routes, Limits limits)
      throws ControlException {
    LatePeers peers = new LatePeers();
    Listener listener;
    try {
      listener =
          Listener.unix(
              UnixDomainSocketAddress.of(socket.bindAt()),
              new Listener.Setup("control-unix", routes, Gate.OPEN, peers, null, limits));
    } catch (IOException e) {
      socket.giveUp();
      throw new ControlException(
          "the control socket " + socket.path() + " cannot be made: " + e.getMessage(), e);
    }
    try {
      peers.set(Peers.of(socket.bindAt()));
      socket.place();
      return listener;
    } catch (IOException e) {
      listener.close();
      socket.giveUp();
      throw new ControlException(
          "the control socket " + socket.path() + " cannot be made: " + e.getMessage(), e);
    } catch (ControlException e) {
      listener.close();
      throw e;
    }
  }

  /** Who may connect is known by the socket's owner, and so only once it is bound. */
  private static final class LatePeers implements Predicate<Channel> {
    private volatile Peers peers;

    void set(Peers known) {
      peers = known;
    }

    @Override
    public boolean test(Channel accepted) {
      Peers known = peers;
      return known != null && known.test(accepted);
    }
  }

  private static Listener listen(
      ControlSettings.Http http, TokenGate gate, Routes routes, Limits limits)
      throws ControlException {
    InetSocketAddress address = http.address();
    try {
      return Listener.tcp(
          address,
          new Listener.Setup("control-http", routes, gate, accepted -> true, tls(http), limits));
    } catch (IOException e) {
      throw new ControlException(
          "HTTP control cannot listen on " + text(address) + ": " + e.getMessage(), e);
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

  private static SslContext tls(ControlSettings.Http http) throws ControlException {
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

  /** The token HTTP clients show now; null without HTTP. */
  public synchronized String token() {
    return http == null ? null : http.token();
  }

  /**
   * Asks HTTP clients for another token, knows other names, and lets them change things or not,
   * from the next request on. The address and TLS stay as they are.
   */
  public synchronized void change(ControlSettings.Http fresh) {
    if (gate != null && fresh != null) {
      http = fresh;
      gate.change(fresh.token(), fresh.writable(), hosts(fresh));
    }
  }

  /** Where the socket is; null for none. */
  public Path socket() {
    return socket == null ? null : socket.path();
  }

  /** Where it listens on TCP, with the port that was chosen; null for none. */
  public InetSocketAddress http() {
    return tcp == null ? null : (InetSocketAddress) tcp.address();
  }

  /** Connections that are open. */
  public int connections() {
    return (unix == null ? 0 : unix.connections()) + (tcp == null ? 0 : tcp.connections());
  }

  /** Bytes of requests' bodies that are kept now. */
  public long bodyBytes() {
    return (unix == null ? 0 : unix.bodyBytes()) + (tcp == null ? 0 : tcp.bodyBytes());
  }

  /** Takes no more requests, ends streams, and takes the socket's file away. */
  @Override
  public void close() {
    if (socket != null) {
      socket.remove();
    }
    if (unix != null) {
      unix.close();
    }
    if (tcp != null) {
      tcp.close();
    }
    dataplane.close();
  }
}
