package org.xdp4j.daemon.control;

import io.netty.channel.Channel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.function.Predicate;
import org.xdp4j.daemon.control.http.Gate;
import org.xdp4j.daemon.control.http.Limits;
import org.xdp4j.daemon.control.http.Listener;
import org.xdp4j.daemon.control.http.Routes;

/** The API served at an AF_UNIX socket. */
final class SocketService implements Service {
  private final SocketFile file;
  private final Listener listener;

  private SocketService(SocketFile file, Listener listener) {
    this.file = file;
    this.listener = listener;
  }

  /**
   * Listens, where nobody comes before {@link #begin}.
   *
   * @throws ControlException with one sentence; nothing is left open
   */
  static SocketService open(Path socket, Routes routes, Limits limits) throws ControlException {
    SocketFile file = SocketFile.prepare(socket);
    LatePeers peers = new LatePeers();
    Listener listener;
    try {
      listener =
          Listener.unix(
              UnixDomainSocketAddress.of(file.bindAt()),
              new Listener.Setup("control-unix", routes, Gate.OPEN, peers, () -> null, limits));
    } catch (IOException e) {
      file.giveUp();
      throw new ControlException(
          "the control socket " + file.path() + " cannot be made: " + e.getMessage(), e);
    }
    try {
      peers.set(Peers.of(file.bindAt()));
      return new SocketService(file, listener);
    } catch (IOException e) {
      listener.close();
      file.giveUp();
      throw new ControlException(
          "the control socket " + file.path() + " cannot be made: " + e.getMessage(), e);
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

  /**
   * Puts the socket in its place.
   *
   * @throws ControlException when somebody put something else there meanwhile; it is closed then
   */
  void begin() throws ControlException {
    try {
      file.place();
    } catch (ControlException e) {
      listener.close();
      throw e;
    }
  }

  Path path() {
    return file.path();
  }

  @Override
  public int connections() {
    return listener.connections();
  }

  @Override
  public long bodyBytes() {
    return listener.bodyBytes();
  }

  @Override
  public void leave(Runnable gone) {
    file.remove();
    listener.leave(gone);
  }

  /** The same for one that did not begin. */
  void giveUp() {
    listener.close();
    file.giveUp();
  }

  @Override
  public void close() {
    file.remove();
    listener.close();
  }
}
