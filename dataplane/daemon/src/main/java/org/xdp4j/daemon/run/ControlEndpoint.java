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
          "the control socket's folder " + socket.getParent() + " cannot be made: " + reason(e), e);
    }
  }

  /** Opens it; where there is none to be, one may come by a reload. */
  ControlServer open(Forwarder forwarder, Api.Reload reload) throws DaemonException {
    ControlServer server;
    try {
      server = ControlServer.start(forwarder, new ControlSettings(socket, http(null)), reload);
    } catch (ControlException e) {
      throw new DaemonException(e.getMessage(), e);
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
    if (!leavesToken(wanted)) {
      return;
    }
    try {
      TokenFile.write(besideSocket(), token);
    } catch (TokenFile.Refusal e) {
      throw new DaemonException("control.token-file: " + e.getMessage(), e);
    }
  }

  /** Whether clients find the token beside the socket. */
  private static boolean leavesToken(DaemonSettings.Control control) {
    return control.http() != null && control.tokenFile() == null;
  }

  private Path besideSocket() {
    return socket.resolveSibling(socket.getFileName() + ".token");
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
    ControlServer.Change change;
    try {
      change = server.prepare(http);
    } catch (ControlException e) {
      throw new DaemonException("control.http: " + e.getMessage(), e);
    }
    if (leavesToken(wanted) == leavesToken(before)) {
      return change;
    }
    if (!leavesToken(wanted)) {
      return without(besideSocket(), change);
    }
    try {
      return with(TokenFile.prepare(besideSocket(), http.token()), change);
    } catch (TokenFile.Refusal e) {
      change.cancel();
      throw new DaemonException("control.token-file: " + e.getMessage(), e);
    }
  }

  /** What opens nothing any more is not left behind. */
  private static ControlServer.Change without(Path token, ControlServer.Change change) {
    return new ControlServer.Change() {
      @Override
      public void commit() {
        change.commit();
        try {
          Files.deleteIfExists(token);
        } catch (IOException e) {
          LOG.log(Level.WARNING, "the token file " + token + " cannot be deleted: " + reason(e));
        }
      }

      @Override
      public void cancel() {
        change.cancel();
      }
    };
  }

  private static ControlServer.Change with(TokenFile.Ready token, ControlServer.Change change) {
    return new ControlServer.Change() {
      @Override
      public void commit() {
        try {
          token.place();
        } catch (TokenFile.Refusal e) {
          // It could be written beside its place a moment ago.
          LOG.log(Level.ERROR, "control.token-file: " + e.getMessage());
        }
        change.commit();
      }

      @Override
      public void cancel() {
        token.giveUp();
        change.cancel();
      }
    };
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
      throw new DaemonException("control.http: " + e.getMessage(), e);
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
            "control.token-file: HTTP needs a token, and without a socket there is no place to"
                + " leave a new one");
      }
      return TokenFile.fresh();
    } catch (TokenFile.Refusal e) {
      throw new DaemonException("control.token-file: " + e.getMessage(), e);
    }
  }

  private static String reason(IOException e) {
    return e instanceof java.nio.file.AccessDeniedException
        ? "permission denied"
        : String.valueOf(e.getMessage());
  }
}
