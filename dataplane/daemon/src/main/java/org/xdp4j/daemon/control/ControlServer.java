package org.xdp4j.daemon.control;

import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.xdp4j.daemon.control.api.Api;
import org.xdp4j.daemon.control.http.Limits;
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

  private static final System.Logger LOG = System.getLogger("xdp4j");

  private final Dataplane dataplane;
  private final Routes routes;
  private final Limits limits;
  private SocketService unix;
  private HttpService http;
  private final List<Service> leaving = new ArrayList<>();

  private ControlServer(Dataplane dataplane, SocketService unix, Routes routes, Limits limits) {
    this.dataplane = dataplane;
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
    SocketService unix = null;
    if (settings.socket() != null) {
      unix = SocketService.open(settings.socket(), routes, limits);
      unix.begin();
    }
    ControlServer server = new ControlServer(dataplane, unix, routes, limits);
    try {
      server.prepareHttp(settings.http()).commit();
      return server;
    } catch (ControlException e) {
      server.close();
      throw e;
    }
  }

  /** The token HTTP clients show now; null without HTTP. */
  public synchronized String token() {
    return http == null ? null : http.settings().token();
  }

  /** A change that is ready: either commit or cancel is called, once. Neither can fail. */
  public interface Change {
    /** Serves as it says from now on. */
    void commit();

    /** Gives up what was made ready. */
    void cancel();
  }

  /**
   * Makes ready to be served at another socket: it is bound, though nobody finds it yet.
   *
   * @param fresh null for none
   * @throws ControlException when it cannot be had; nothing is left open
   */
  public synchronized Change prepareSocket(Path fresh) throws ControlException {
    SocketService before = unix;
    Path place = fresh == null ? null : fresh.toAbsolutePath();
    boolean stays = Objects.equals(place, before == null ? null : before.path());
    SocketService opened =
        stays || place == null ? null : SocketService.open(place, routes, limits);
    return new Change() {
      @Override
      public void commit() {
        if (!stays) {
          move(before, opened);
        }
      }

      @Override
      public void cancel() {
        if (opened != null) {
          opened.giveUp();
        }
      }
    };
  }

  /** The place could be written a moment ago; if that has changed, all stays where it is. */
  private void move(SocketService before, SocketService opened) {
    try {
      if (opened != null) {
        opened.begin();
      }
    } catch (ControlException e) {
      LOG.log(System.Logger.Level.ERROR, "control.socket: " + e.getMessage());
      return;
    }
    synchronized (this) {
      unix = opened;
    }
    leave(before);
  }

  private void leave(Service before) {
    if (before != null) {
      synchronized (this) {
        leaving.add(before);
      }
      before.leave(() -> forget(before));
    }
  }

  /**
   * Makes ready to serve HTTP in another way: certificates are read, another address is listened
   * on, though nobody is answered there. For clients nothing changes yet.
   *
   * @param fresh null for no HTTP
   * @throws ControlException when it cannot be had; nothing is left open
   */
  public synchronized Change prepareHttp(ControlSettings.Http fresh) throws ControlException {
    HttpService before = http;
    boolean moves = before == null || fresh == null || !before.isAt(fresh.address());
    SslContext tls = fresh == null ? null : HttpService.tls(fresh);
    HttpService opened =
        fresh == null || !moves ? null : HttpService.open(fresh, tls, routes, limits, before);
    return new Change() {
      @Override
      public void commit() {
        if (!moves) {
          before.change(fresh, tls);
          return;
        }
        synchronized (ControlServer.this) {
          http = opened;
        }
        leave(before);
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

  private synchronized void forget(Service gone) {
    leaving.remove(gone);
  }

  /** Where it is served, and was until lately, where clients are that have not gone yet. */
  private List<Service> services() {
    List<Service> all = new ArrayList<>(leaving);
    if (http != null) {
      all.add(http);
    }
    if (unix != null) {
      all.add(unix);
    }
    return all;
  }

  /** Where the socket is; null for none. */
  public synchronized Path socket() {
    return unix == null ? null : unix.path();
  }

  /** Where it listens on TCP, with the port that was chosen; null for none. */
  public synchronized InetSocketAddress http() {
    return http == null ? null : http.address();
  }

  /** Connections that are open. */
  public synchronized int connections() {
    return services().stream().mapToInt(Service::connections).sum();
  }

  /** Bytes of requests' bodies that are kept now. */
  public synchronized long bodyBytes() {
    return services().stream().mapToLong(Service::bodyBytes).sum();
  }

  /** Takes no more requests, ends streams, and takes the socket's file away. */
  @Override
  public void close() {
    List<Service> open;
    synchronized (this) {
      open = services();
      http = null;
      unix = null;
    }
    open.forEach(Service::close);
    dataplane.close();
  }
}
