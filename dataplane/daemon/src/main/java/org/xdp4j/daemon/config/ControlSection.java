package org.xdp4j.daemon.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.xdp4j.daemon.config.schema.Key;
import org.xdp4j.daemon.config.schema.Located;
import org.xdp4j.daemon.config.schema.Section;
import org.xdp4j.daemon.config.schema.Table;
import org.xdp4j.daemon.config.schema.ValueType;
import org.xdp4j.daemon.config.schema.Values;
import org.xdp4j.daemon.config.schema.Values.Endpoint;
import org.xdp4j.daemon.service.TokenFile;
import org.xdp4j.net.wire.IpAddress;

/** {@code [control]}: how the daemon is talked to. */
final class ControlSection {
  private static final int MAX_SOCKET_PATH = 107; // sun_path of linux/un.h, less the final zero

  private static final Path NONE = Path.of("none");

  static final Section SECTION =
      Section.table(
          "control",
          "How the daemon is talked to: by the command line over an AF_UNIX socket, and, when asked"
              + " for, over HTTP (the same calls, metrics for Prometheus, a page for browsers). All"
              + " of it can change while the daemon runs; certificates are read anew with every"
              + " reload, for connections that are made from then on. Where the socket or HTTP"
              + " comes to be elsewhere, connections to the place before have 5 seconds to end; a"
              + " new socket has to be where the daemon's user may make one. Between addresses that"
              + " overlap on one port, as 127.0.0.1 and 0.0.0.0 do, it moves where the system has"
              + " SO_REUSEPORT.");

  private static final Key<Path> SOCKET =
      SECTION.optional(
          "socket",
          Values.PATH,
          "`$XDP4J_SOCKET`, else `$XDG_RUNTIME_DIR/xdp4j.sock`, else (and for root)"
              + " `/run/xdp4j/control.sock`",
          "The socket, mode 0600; only the daemon's user and root may connect. `\"none\"` for"
              + " none.");
  private static final Key<Endpoint> HTTP =
      SECTION.optional(
          "http",
          Values.ENDPOINT,
          "no HTTP",
          "Where HTTP is served, as in `\"127.0.0.1:9100\"`. Anywhere but on loopback it needs"
              + " TLS.");
  private static final Key<Path> TOKEN_FILE =
      SECTION.optional(
          "token-file",
          Values.PATH,
          "with HTTP: one that is made beside the socket, with `.token` behind its" + " name",
          "The file with the token that HTTP clients show (`Authorization: Bearer ...`).");
  private static final Key<Boolean> WRITABLE =
      SECTION.defaulted(
          "http-writable",
          Values.BOOLEAN,
          false,
          "Whether HTTP clients may change things, and not only look.");
  private static final Key<List<Located<String>>> NAMES =
      SECTION.optional(
          "http-names",
          ValueType.listOf(Values.NAME_OF_SECTION),
          "its address, and `localhost` on loopback",
          "Further names that HTTP clients know the daemon by; a request to another is refused.");
  private static final Key<Path> CERTIFICATE =
      SECTION.optional(
          "tls-certificate", Values.PATH, "no TLS", "The certificate and its chain, PEM.");
  private static final Key<Path> KEY =
      SECTION.optional("tls-key", Values.PATH, "no TLS", "The certificate's private key, PEM.");

  private ControlSection() {}

  static DaemonSettings.Control read(Table root, Scope scope) {
    Table table = root.table(SECTION).orElse(null);
    if (table == null) {
      return DaemonSettings.Control.DEFAULT;
    }
    boolean hasSocket = !NONE.equals(table.get(SOCKET));
    Path socket = hasSocket ? socket(table, scope) : null;
    Endpoint http = table.get(HTTP);
    Path certificate = file(table, CERTIFICATE, scope);
    Path key = file(table, KEY, scope);
    Path token = token(table, scope);
    if (table.has(CERTIFICATE) != table.has(KEY)) {
      Key<Path> there = table.has(KEY) ? KEY : CERTIFICATE;
      table.report(there, "TLS needs a certificate and its key", "say both");
    }
    if (http != null && !isLoopback(http.address()) && !table.has(CERTIFICATE)) {
      table.report(
          HTTP,
          http + " is not on loopback, and there is no TLS",
          "give tls-certificate and tls-key, or serve on 127.0.0.1");
    }
    if (http == null && !table.has(HTTP)) {
      for (Key<?> each : List.of(TOKEN_FILE, WRITABLE, NAMES, CERTIFICATE, KEY)) {
        if (table.has(each)) {
          table.report(
              each, "says how HTTP is served, and there is no HTTP", "say where with http");
        }
      }
    }
    if (http != null && http.address().isUnspecified() && table.list(NAMES).isEmpty()) {
      table.report(
          HTTP,
          http.address() + " is every address, and no name that a client knows the daemon by",
          "say those with http-names: addresses, too");
    }
    return new DaemonSettings.Control(
        hasSocket,
        socket,
        http,
        token,
        table.get(WRITABLE),
        table.list(NAMES).stream().map(Located::value).toList(),
        certificate,
        key);
  }

  private static Path socket(Table table, Scope scope) {
    Located<Path> socket = table.find(SOCKET).orElse(null);
    if (socket == null) {
      return null;
    }
    Path resolved = scope.resolve(socket.value()).toAbsolutePath();
    int bytes = resolved.toString().getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MAX_SOCKET_PATH) {
      scope.report(
          socket,
          "is " + bytes + " bytes long; a socket's path has at most " + MAX_SOCKET_PATH,
          "");
    }
    String wrong = noFolder(resolved.getParent(), scope);
    if (wrong != null && bytes <= MAX_SOCKET_PATH) {
      scope.report(socket, "the control socket " + resolved + " cannot be made: " + wrong, "");
    }
    return resolved;
  }

  /**
   * Why there is no folder, part of a sentence; null where there is one, or it is made. That is
   * below /run, whose folders are gone after a restart, and beside the configuration file.
   */
  private static String noFolder(Path folder, Scope scope) {
    if (Files.exists(folder)) {
      return Files.isDirectory(folder) ? null : folder + " is no folder";
    }
    Path own = scope.resolve(Path.of("")).toAbsolutePath();
    // On many systems /var/run is /run.
    return folder.startsWith("/run") || folder.startsWith("/var/run") || folder.startsWith(own)
        ? null
        : "there is no folder " + folder;
  }

  private static Path file(Table table, Key<Path> key, Scope scope) {
    Located<Path> file = table.find(key).orElse(null);
    if (file == null) {
      return null;
    }
    Path resolved = scope.resolve(file.value());
    if (!Files.isReadable(resolved) || Files.isDirectory(resolved)) {
      scope.report(file, FileReference.unreadable(resolved), "");
    }
    return resolved;
  }

  private static Path token(Table table, Scope scope) {
    Path file = file(table, TOKEN_FILE, scope);
    if (file != null && Files.isReadable(file) && !Files.isDirectory(file)) {
      try {
        TokenFile.read(file);
      } catch (TokenFile.Refusal e) {
        table.report(TOKEN_FILE, e.getMessage(), "");
      }
    }
    return file;
  }

  private static boolean isLoopback(IpAddress address) {
    return address.isIpv6()
        ? address.high() == 0 && address.low() == 1
        : address.ipv4() >>> 24 == 127;
  }
}
