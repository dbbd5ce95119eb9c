package org.xdp4j.daemon.control;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.xdp4j.daemon.control.api.Api;
import org.xdp4j.daemon.control.http.Gate;
import org.xdp4j.daemon.control.http.Limits;
import org.xdp4j.daemon.control.http.Listener;
import org.xdp4j.daemon.control.http.Routes;
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
  private final Routes routes;
  private final Limits limits;
  private HttpService http;
  private final List<HttpService> leaving = new ArrayList<>();

  private ControlServer(
      Dataplane dataplane, SocketFile socket, Listener unix, Routes routes, Limits limits) {
    this.dataplane = dataplane;
    this.socket = socket;
    this.unix = unix;
    this.routes = routes;
    this.limits = limits;
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
    ControlServer server = new ControlServer(dataplane, socket, unix, routes, limits);
    try {
      server.prepare(settings.http()).commit();
      return server;
    } catch (ControlException e) {
      server.close();
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
              new Listener.Setup("control-unix", routes, Gate.OPEN, peers, () -> null, limits));
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

  /** The token HTTP clients show now; null without HTTP. */
  public synchronized String token() {
    return http == null ? null : http.settings().token();
  }

  /** A change that is ready: either commit or cancel is called, once. Neither can fail. */
  public interface Change {
    /** Serves HTTP as it says from now on. */
    void commit();

    /** Gives up what was made ready. */
    void cancel();
  }

  /**
   * Makes ready to serve HTTP in another way: certificates are read, another address is listened
   * on, though nobody is answered there. For clients nothing changes yet.
   *
   * @param fresh null for no HTTP
   * @throws ControlException when it cannot be had; nothing is left open
   */
  public synchronized Change prepare(ControlSettings.Http fresh) throws ControlException {
    HttpService before = http;
    boolean moves = before == null || fresh == null || !before.isAt(fresh.address());
    SslContext tls = fresh == null ? null : HttpService.tls(fresh);
    HttpService opened =
        fresh == null || !moves ? null : HttpService.open(fresh, tls, routes, limits, before);
    return new Change() {
      @Override
      public void commit() {
        synchronized (ControlServer.this) {
          if (!moves) {
            before.change(fresh, tls);
            return;
          }
          http = opened;
          if (before != null) {
            leaving.add(before);
          }
        }
        if (before != null) {
          before.leave(() -> forget(before));
        }
        if (opened != null) {
          opened.begin();
        }
      }

      @Override
      public void cancel() {
        if (opened != null) {
          opened.close();
        }
      }
    };
  }

  private synchronized void forget(HttpService gone) {
    leaving.remove(gone);
  }

  /** How HTTP is served, and was until lately, where clients are that have not gone yet. */
  private List<HttpService> services() {
    List<HttpService> all = new ArrayList<>(leaving);
    if (http != null) {
      all.add(http);
    }
    return all;
  }

  /** Where the socket is; null for none. */
  public Path socket() {
    return socket == null ? null : socket.path();
  }

  /** Where it listens on TCP, with the port that was chosen; null for none. */
  public synchronized InetSocketAddress http() {
    return http == null ? null : http.address();
  }

  /** Connections that are open. */
  public synchronized int connections() {
    return (unix == null ? 0 : unix.connections())
        + services().stream().mapToInt(HttpService::connections).sum();
  }

  /** Bytes of requests' bodies that are kept now. */
  public synchronized long bodyBytes() {
    return (unix == null ? 0 : unix.bodyBytes())
        + services().stream().mapToLong(HttpService::bodyBytes).sum();
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
    List<HttpService> open;
    synchronized (this) {
      open = services();
      http = null;
    }
    open.forEach(HttpService::close);
    dataplane.close();
  }
}
