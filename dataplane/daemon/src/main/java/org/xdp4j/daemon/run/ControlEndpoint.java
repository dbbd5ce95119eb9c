package org.xdp4j.daemon.run;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.xdp4j.daemon.config.DaemonSettings;
import org.xdp4j.daemon.config.schema.Values.Endpoint;
import org.xdp4j.daemon.control.ControlException;
import org.xdp4j.daemon.control.ControlServer;
import org.xdp4j.daemon.control.ControlSettings;
import org.xdp4j.daemon.control.api.Api;
import org.xdp4j.daemon.service.Account;
import org.xdp4j.engine.forward.Forwarder;

/** The control endpoint as a configuration wants it. */
final class ControlEndpoint {
  private static final int TOKEN_BYTES = 16;
  private static final String PRIVATE = "rw-------";

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

  /** Opens it; null when there is none to be. */
  ControlServer open(Forwarder forwarder, Api.Reload reload) throws DaemonException {
    if (socket == null && wanted.http() == null) {
      return null;
    }
    try {
      return ControlServer.start(forwarder, new ControlSettings(socket, http()), reload);
    } catch (ControlException | IllegalArgumentException e) {
      throw new DaemonException(e.getMessage(), e);
    }
  }

  private ControlSettings.Http http() throws DaemonException {
    Endpoint at = wanted.http();
    if (at == null) {
      return null;
    }
    return new ControlSettings.Http(
        new InetSocketAddress(address(at), at.port()),
        token(),
        wanted.writable(),
        wanted.certificate(),
        wanted.key(),
        wanted.names());
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
  private String token() throws DaemonException {
    Path file = wanted.tokenFile();
    try {
      if (file != null) {
        return Files.readString(file).strip();
      }
      if (socket == null) {
        throw new DaemonException(
            "control.token-file: HTTP needs a token, and without a socket there is no place to"
                + " leave a new one");
      }
      file = socket.resolveSibling("http-token");
      byte[] random = new byte[TOKEN_BYTES];
      new SecureRandom().nextBytes(random);
      String token = HexFormat.of().formatHex(random);
      Files.deleteIfExists(file);
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(PRIVATE)));
      Files.write(file, (token + "\n").getBytes(StandardCharsets.US_ASCII));
      return token;
    } catch (IOException e) {
      throw new DaemonException("the token " + file + " cannot be had: " + reason(e), e);
    }
  }

  private static String reason(IOException e) {
    return e instanceof java.nio.file.AccessDeniedException
        ? "permission denied"
        : String.valueOf(e.getMessage());
  }
}
