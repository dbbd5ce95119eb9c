package org.xdp4j.daemon.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.daemon.control.http.Limits;
import org.xdp4j.daemon.service.TokenFile;
import org.xdp4j.engine.forward.Forwarder;

/** Who may ask, and what. */
class AccessTest {
  @TempDir private Path folder;

  private Daemon daemon(boolean writable) throws Exception {
    return Daemon.start(folder, Daemon.plan(10, 0), writable, Limits.defaults(), null);
  }

  @Test
  void theSocketIsItsOwnersAlone() throws Exception {
    try (Daemon daemon = daemon(true)) {
      assertThat(Files.getPosixFilePermissions(daemon.server().socket()))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      try (var files = Files.list(folder)) {
        assertThat(files.toList()).containsExactly(daemon.server().socket());
      }
    }
    assertThat(folder.resolve("control.sock")).doesNotExist();
  }

  @Test
  void anotherUserIsTurnedAwayEvenWhereTheModeLetsIt() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "needs root to be another user");
    Path setpriv = Path.of("/usr/bin/setpriv");
    Path curl = Path.of("/usr/bin/curl");
    assumeTrue(Files.isExecutable(setpriv) && Files.isExecutable(curl), "needs setpriv and curl");
    try (Daemon daemon = daemon(true)) {
      for (Path path = folder; path.getNameCount() > 1; path = path.getParent()) {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
      Files.setPosixFilePermissions(
          daemon.server().socket(), PosixFilePermissions.fromString("rw-rw-rw-"));
      String[] asNobody = {
        setpriv.toString(),
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        curl.toString(),
        "-s",
        "--unix-socket",
        daemon.socket(),
        "http://localhost/healthz"
      };
      Process process =
          new ProcessBuilder(asNobody).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String said = new String(process.getInputStream().readAllBytes());
      assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
      assertThat(said).isEmpty();
      assertThat(process.exitValue()).isNotZero();
    }
  }

  @Test
  void aDeadDaemonsSocketIsReplacedAndALiveOnesIsNot() throws Exception {
    Path socket = folder.resolve("control.sock");
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(socket));
    }
    assertThat(socket).exists();
    try (Daemon daemon = daemon(true);
        Wire wire = daemon.connect(Wire.Over.UNIX)) {
      assertThat(wire.get("/healthz").status()).isEqualTo(200);
      assertThatThrownBy(() -> daemon(true))
          .isInstanceOf(ControlException.class)
          .hasMessage("a daemon is running already: it answers at the control socket " + socket);
      assertThat(wire.get("/healthz").status()).isEqualTo(200);
    }
    Files.writeString(socket, "a letter to keep");
    assertThatThrownBy(() -> daemon(true))
        .hasMessage(
            socket + " is there already and is no socket; the control socket needs another place");
    assertThat(socket).hasContent("a letter to keep");
  }

  @Test
  void withoutTheTokenNothingIsShown() throws Exception {
    try (Daemon daemon = daemon(true)) {
      for (String field :
          List.of(
              "",
              "Authorization: Bearer\r\n",
              "Authorization: Bearer " + Daemon.TOKEN.substring(1) + "\r\n",
              "Authorization: Bearer " + Daemon.TOKEN + "0\r\n",
              "Authorization: Basic " + Daemon.TOKEN + "\r\n")) {
        Wire.Answer answer = tcp(daemon, "GET /v1/figures", host(daemon), field);
        assertThat(answer.status()).as(field).isEqualTo(401);
        assertThat(answer.header("www-authenticate")).startsWith("Bearer");
      }
      assertThat(tcp(daemon, "GET /metrics", host(daemon), "").status()).isEqualTo(401);
      assertThat(tcp(daemon, "GET /healthz", host(daemon), "").status()).isEqualTo(200);
      assertThat(tcp(daemon, "GET /", host(daemon), "").status()).isEqualTo(200);
      assertThat(tcp(daemon, "GET /v1/figures", host(daemon), token()).status()).isEqualTo(200);
    }
  }

  @Test
  void anotherTokenAndOtherRightsHoldFromTheNextRequestOn() throws Exception {
    try (Daemon daemon = daemon(true)) {
      assertThat(tcp(daemon, "GET /v1/figures", host(daemon), token()).status()).isEqualTo(200);
      String other = "another-token-of-32-characters-or-so";
      daemon.server().prepareHttp(ControlSettings.Http.onLoopback(0, other)).commit();
      assertThat(daemon.server().token()).isEqualTo(other);
      assertThat(tcp(daemon, "GET /v1/figures", host(daemon), token()).status()).isEqualTo(401);
      String shown = "Authorization: Bearer " + other + "\r\n";
      assertThat(tcp(daemon, "GET /v1/figures", host(daemon), shown).status()).isEqualTo(200);
      assertThat(tcp(daemon, "DELETE /v1/ports/lan/program", host(daemon), shown).status())
          .isEqualTo(403);
    }
  }

  @Test
  void anotherAddressIsServedAndTheOneBeforeLeftOnceItsClientsHaveTheirAnswers() throws Exception {
    try (Daemon daemon = daemon(true);
        Wire before = daemon.connect(Wire.Over.TCP)) {
      int old = daemon.server().http().getPort();
      int port;
      try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        port = free.getLocalPort();
        assertThatThrownBy(
                () ->
                    daemon
                        .server()
                        .prepareHttp(ControlSettings.Http.onLoopback(port, Daemon.TOKEN)))
            .isInstanceOf(ControlException.class)
            .hasMessageStartingWith("HTTP control cannot listen on 127.0.0.1:" + port);
      }
      assertThat(daemon.server().http().getPort()).isEqualTo(old);
      assertThat(before.ask("GET", "/healthz", "", null).status()).isEqualTo(200);

      daemon.server().prepareHttp(ControlSettings.Http.onLoopback(port, Daemon.TOKEN)).cancel();
      assertThat(daemon.server().http().getPort()).isEqualTo(old);

      daemon.server().prepareHttp(ControlSettings.Http.onLoopback(port, Daemon.TOKEN)).commit();
      assertThat(daemon.server().http().getPort()).isEqualTo(port);
      assertThat(before.ask("GET", "/healthz", "", null).status()).isEqualTo(200);
      assertThat(tcp(daemon, "GET /v1/figures", host(daemon), token()).status()).isEqualTo(200);
      assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), old).close())
          .isInstanceOf(ConnectException.class);

      daemon.server().prepareHttp(null).commit();
      assertThat(daemon.server().http()).isNull();
      assertThat(daemon.server().token()).isNull();
    }
  }

  @Test
  void overTcpADaemonOnlyShowsUnlessItIsToldOtherwise() throws Exception {
    try (Daemon daemon = daemon(false)) {
      assertThat(tcp(daemon, "GET /v1/maps", host(daemon), token()).status()).isEqualTo(200);
      Wire.Answer answer = tcp(daemon, "DELETE /v1/ports/lan/program", host(daemon), token());
      assertThat(answer.status()).isEqualTo(403);
      assertThat(answer.detail())
          .isEqualTo(
              "over TCP this daemon only shows; changes are made through its AF_UNIX socket");
      assertThat(tcp(daemon, "GET /v1/capture", host(daemon), token()).status()).isEqualTo(403);
      try (Wire unix = daemon.connect(Wire.Over.UNIX)) {
        assertThat(unix.ask("DELETE", "/v1/ports/lan/program", "", null).status()).isEqualTo(204);
      }
    }
  }

  @Test
  void foreignNamesAndOtherSitesPagesLeadNowhere() throws Exception {
    try (Daemon daemon = daemon(true)) {
      int port = daemon.server().http().getPort();
      assertThat(tcp(daemon, "GET /v1/figures", "Host: evil.example\r\n", token()).status())
          .as("DNS rebinding")
          .isEqualTo(421);
      assertThat(tcp(daemon, "GET /v1/figures", "", token()).status()).isEqualTo(400);
      assertThat(
              tcp(daemon, "GET /v1/figures", "Host: localhost:" + port + "\r\n", token()).status())
          .isEqualTo(200);
      String[] foreign = {
        "Origin: http://evil.example\r\n", "Origin: null\r\n", "Sec-Fetch-Site: cross-site\r\n"
      };
      for (String field : foreign) {
        Wire.Answer answer = tcp(daemon, "GET /v1/figures", host(daemon), token() + field);
        assertThat(answer.status()).as(field).isEqualTo(403);
        assertThat(answer.headers().keySet()).noneMatch(name -> name.startsWith("access-control"));
      }
      String own = "Origin: http://127.0.0.1:" + port + "\r\nSec-Fetch-Site: same-origin\r\n";
      assertThat(tcp(daemon, "GET /v1/figures", host(daemon), token() + own).status())
          .isEqualTo(200);
    }
  }

  @Test
  void thePageMayLoadNothingFromElsewhere() throws Exception {
    try (Daemon daemon = daemon(false)) {
      Wire.Answer page = tcp(daemon, "GET /", host(daemon), "");
      assertThat(page.header("content-security-policy"))
          .startsWith("default-src 'none'")
          .contains("frame-ancestors 'none'")
          .doesNotContain("unsafe", "http", "*");
      assertThat(page.header("x-content-type-options")).isEqualTo("nosniff");
      assertThat(page.header("referrer-policy")).isEqualTo("no-referrer");
      assertThat(page.text()).doesNotContain("http://", "https://", " style=", " onclick=");
    }
  }

  @Test
  void tokensAndAddressesAreCheckedBeforeAnythingIsOpened() {
    assertThatThrownBy(() -> ControlSettings.Http.onLoopback(0, "short"))
        .hasMessageContaining("the token has 16 or more characters");
    assertThatThrownBy(() -> ControlSettings.Http.onLoopback(0, "a token with blanks in it"))
        .hasMessageContaining("letters, digits");
    InetSocketAddress everywhere = new InetSocketAddress("0.0.0.0", 0);
    assertThatThrownBy(
            () -> new ControlSettings.Http(everywhere, Daemon.TOKEN, false, null, null, List.of()))
        .hasMessage(
            "HTTP on 0.0.0.0 needs TLS (certificate and key), since it is not a loopback address");
    assertThatThrownBy(
            () ->
                new ControlSettings.Http(
                    everywhere, Daemon.TOKEN, false, folder.resolve("c"), null, List.of()))
        .hasMessage("TLS needs a certificate and its key, and only one of them is given");
  }

  @Test
  void theTokensFileIsMadeAndKeptFromOthers() throws Exception {
    Path file = folder.resolve("made/token");
    String token = TokenFile.readOrMake(file);
    assertThat(token).hasSize(48);
    assertThat(TokenFile.readOrMake(file)).isEqualTo(token);
    assertThat(TokenFile.read(file)).isEqualTo(token);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(() -> TokenFile.read(file))
        .hasMessage(
            "the token file " + file + " is open to others than its owner (chmod 600 helps)");
    assertThatThrownBy(() -> TokenFile.read(folder.resolve("none")))
        .hasMessage("the token file " + folder.resolve("none") + " is not there");
  }

  /** TLS of the JDK's own, from PEM files that keytool and the JDK made. */
  @Test
  void tlsIsSpokenFromPemFiles() throws Exception {
    Certificate made = Certificate.in(folder);
    ControlSettings.Http http =
        new ControlSettings.Http(
            new InetSocketAddress("127.0.0.1", 0),
            Daemon.TOKEN,
            false,
            made.certificate(),
            made.key(),
            List.of());
    try (Forwarder forwarder = Forwarder.start(Daemon.plan(10, 0));
        ControlServer server =
            ControlServer.start(forwarder, new ControlSettings(null, http), null)) {
      try (HttpClient client = HttpClient.newBuilder().sslContext(made.trust()).build()) {
        URI uri = URI.create("https://127.0.0.1:" + server.http().getPort() + "/v1/balance");
        HttpRequest request =
            HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + Daemon.TOKEN).build();
        var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.sslSession().orElseThrow().getProtocol()).isEqualTo("TLSv1.3");
      }
    }
    Files.writeString(made.key(), "no key");
    try (Forwarder forwarder = Forwarder.start(Daemon.plan(10, 0))) {
      assertThatThrownBy(
              () -> ControlServer.start(forwarder, new ControlSettings(null, http), null))
          .isInstanceOf(ControlException.class)
          .hasMessageStartingWith("TLS cannot be set up from " + made.certificate());
    }
  }

  private static String token() {
    return "Authorization: Bearer " + Daemon.TOKEN + "\r\n";
  }

  private static String host(Daemon daemon) {
    return "Host: 127.0.0.1:" + daemon.server().http().getPort() + "\r\n";
  }

  private static Wire.Answer tcp(Daemon daemon, String line, String host, String fields)
      throws IOException {
    try (Wire wire = Wire.open(null, daemon.server().http())) {
      wire.say(line + " HTTP/1.1\r\n" + host + fields + "\r\n");
      return wire.answer(false);
    }
  }
}
