package org.xdp4j.daemon.run;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.xdp4j.daemon.config.DaemonSettings;
import org.xdp4j.daemon.config.schema.Values.Endpoint;
import org.xdp4j.daemon.control.ControlException;
import org.xdp4j.daemon.control.ControlServer;
import org.xdp4j.daemon.control.ControlSettings;
import org.xdp4j.daemon.control.api.Api;
import org.xdp4j.daemon.service.Account;
import org.xdp4j.daemon.service.TokenFile;
import org.xdp4j.engine.forward.Forwarder;

/** The control endpoint as a configuration wants it. */
final class ControlEndpoint {
  private static final Logger LOG = System.getLogger("xdp4j");

  private final DaemonSettings.Control wanted;
  private final Path socket;

  ControlEndpoint(DaemonSettings.Control wanted) {
    this.wanted = wanted;
    Path named = wanted.socket() == null ? ControlSettings.defaultSocket() : wanted.socket();
    this.socket = wanted.hasSocket() ? named.toAbsolutePath() : null;
  }

  /** Makes the socket's folder where it is not there, for whom the process will belong to. */
  void prepare(Account account) throws DaemonException {
    if (socket == null || Files.exists(socket.getParent())) {
      return;
    }
    try {
      Files.createDirectories(socket.getParent());
      if (account != null) {
        Files.setAttribute(socket.getParent(), "unix:uid", account.user());
        Files.setAttribute(socket.getParent(), "unix:gid", account.group());
      }
    } catch (IOException e) {
      throw new DaemonException(
          "control.socket",
          "the control socket's folder " + socket.getParent() + " cannot be made: " + reason(e),
          e);
    }
  }

  /** Opens it; where there is none to be, one may come by a reload. */
  ControlServer open(Forwarder forwarder, Api.Reload reload) throws DaemonException {
    ControlServer server;
    try {
      server = ControlServer.start(forwarder, new ControlSettings(socket, http(null)), reload);
    } catch (ControlException e) {
      throw new DaemonException(
          socket == null ? "control.http" : "control.socket", e.getMessage(), e);
    }
    try {
      leaveToken(server.token());
    } catch (DaemonException e) {
      server.close();
      throw e;
    }
    return server;
  }

  /**
   * Leaves the token where clients look for it when no file is named. Only once it listens: until
   * then, what is there may be another daemon's token.
   */
  private void leaveToken(String token) throws DaemonException {
    Path place = tokenPlace();
    if (place == null) {
      return;
    }
    try {
      TokenFile.write(place, token);
    } catch (TokenFile.Refusal e) {
      throw new DaemonException("control.token-file", e.getMessage(), e);
    }
  }

  /** Where clients find the token; null where a file is named, or there is nothing to open. */
  private Path tokenPlace() {
    return wanted.http() == null || wanted.tokenFile() != null
        ? null
        : socket.resolveSibling(socket.getFileName() + ".token");
  }

  /** Takes the token away that was left for clients; while it still listens, it is no other's. */
  void takeTokenBack(ControlServer server) {
    Path place = tokenPlace();
    if (place == null) {
      return;
    }
    try {
      if (TokenFile.read(place).equals(server.token())) {
        delete(place);
      }
    } catch (TokenFile.Refusal e) {
      return; // Somebody took it away, or put something of his own there.
    }
  }

  private static void delete(Path token) {
    try {
      Files.deleteIfExists(token);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "the token file " + token + " cannot be deleted: " + reason(e));
    }
  }

  /**
   * Makes a running server ready to be what this is. What clients see, the token beside the socket
   * as well, is as before until it is committed.
   *
   * @param before what it was
   */
  ControlServer.Change prepare(ControlServer server, DaemonSettings.Control before)
      throws DaemonException {
    ControlSettings.Http http = http(server.token());
    Path old = new ControlEndpoint(before).tokenPlace();
    Path next = tokenPlace();
    List<ControlServer.Change> ready = new ArrayList<>();
    try {
      ready.add(server.prepareSocket(socket));
      ready.add(server.prepareHttp(http));
      boolean moves = next != null && !next.equals(old);
      return new Move(
          ready,
          moves ? TokenFile.prepare(next, http.token()) : null,
          old != null && !old.equals(next) ? old : null);
    } catch (ControlException e) {
      ready.forEach(ControlServer.Change::cancel);
      throw new DaemonException(
          ready.isEmpty() ? "control.socket" : "control.http", e.getMessage(), e);
    } catch (TokenFile.Refusal e) {
      ready.forEach(ControlServer.Change::cancel);
      throw new DaemonException("control.token-file", e.getMessage(), e);
    }
  }

  /**
   * All of a change.
   *
   * @param fresh where clients find the token from now on; null where they do already, or nowhere
   * @param old where they do no more; null for nowhere
   */
  private record Move(List<ControlServer.Change> parts, TokenFile.Ready fresh, Path old)
      implements ControlServer.Change {
    @Override
    public void commit() {
      try {
        if (fresh != null) {
          fresh.place();
        }
      } catch (TokenFile.Refusal e) {
        // It could be written beside its place a moment ago.
        LOG.log(Level.ERROR, "control.token-file: " + e.getMessage());
      }
      parts.forEach(ControlServer.Change::commit);
      if (old != null) {
        delete(old); // what opens nothing any more is not left behind
      }
    }

    @Override
    public void cancel() {
      if (fresh != null) {
        fresh.giveUp();
      }
      parts.forEach(ControlServer.Change::cancel);
    }
  }

  /**
   * How HTTP is served; null for not at all.
   *
   * @param before the token clients have shown until now, which stays where no file is named; or
   *     null
   */
  ControlSettings.Http http(String before) throws DaemonException {
    Endpoint at = wanted.http();
    if (at == null) {
      return null;
    }
    try {
      return new ControlSettings.Http(
          new InetSocketAddress(address(at), at.port()),
          token(before),
          wanted.writable(),
          wanted.certificate(),
          wanted.key(),
          wanted.names());
    } catch (IllegalArgumentException e) {
      throw new DaemonException("control.http", e.getMessage(), e);
    }
  }

  private static InetAddress address(Endpoint at) {
    ByteBuffer bytes = ByteBuffer.allocate(at.address().bits() / 8);
    if (at.address().isIpv6()) {
      bytes.putLong(at.address().high()).putLong(at.address().low());
    } else {
      bytes.putInt(at.address().ipv4());
    }
    try {
      return InetAddress.getByAddress(bytes.array());
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The token HTTP clients show: from the file that is named, or a new one beside the socket. */
  private String token(String before) throws DaemonException {
    try {
      if (wanted.tokenFile() != null) {
        return TokenFile.read(wanted.tokenFile());
      }
      if (before != null) {
        return before;
      }
      if (socket == null) {
        throw new DaemonException(
            "control.token-file",
            "HTTP needs a token, and without a socket there is no place to leave a new one",
            null);
      }
      return TokenFile.fresh();
    } catch (TokenFile.Refusal e) {
      throw new DaemonException("control.token-file", e.getMessage(), e);
    }
  }

  private static String reason(IOException e) {
    return e instanceof java.nio.file.AccessDeniedException
        ? "permission denied"
        : String.valueOf(e.getMessage());
  }
}
