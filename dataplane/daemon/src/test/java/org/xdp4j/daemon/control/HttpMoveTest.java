package org.xdp4j.daemon.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** HTTP comes to be served at another address while clients are there. */
@Timeout(60)
class HttpMoveTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final String HEALTH = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

  @TempDir private Path folder;

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, LOOPBACK)) {
      return free.getLocalPort();
    }
  }

  private static int health(Daemon daemon) throws Exception {
    try (Wire wire = daemon.connect(Wire.Over.TCP)) {
      return wire.get("/healthz").status();
    }
  }

  @Test
  void itMovesBetweenLoopbackAndEverywhereOnOnePort() throws Exception {
    Certificate tls = Certificate.in(folder);
    try (Daemon daemon = Daemon.start(folder, Daemon.plan(10, 0));
        HttpClient client = HttpClient.newBuilder().sslContext(tls.trust()).build()) {
      int port = daemon.server().http().getPort();
      ControlSettings.Http everywhere =
          new ControlSettings.Http(
              new InetSocketAddress("0.0.0.0", port),
              Daemon.TOKEN,
              false,
              tls.certificate(),
              tls.key(),
              List.of("127.0.0.1"));
      daemon.server().prepareHttp(everywhere).cancel();
      assertThat(health(daemon)).isEqualTo(200);

      ControlServer.Change change = daemon.server().prepareHttp(everywhere);
      assertThat(health(daemon)).as("until it is decided").isEqualTo(200);
      refusesThePortToOthers(port);
      change.commit();
      assertThat(daemon.server().http().getAddress().isAnyLocalAddress()).isTrue();
      assertThat(daemon.server().http().getPort()).isEqualTo(port);
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + "/healthz")).build();
      assertThat(client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode())
          .isEqualTo(200);
      refusesThePortToOthers(port);

      daemon.server().prepareHttp(ControlSettings.Http.onLoopback(port, Daemon.TOKEN)).commit();
      assertThat(daemon.server().http().getAddress()).isEqualTo(LOOPBACK);
      assertThat(health(daemon)).isEqualTo(200);
    }
  }

  /** As another daemon, of the same user, would open it. */
  private static void refusesThePortToOthers(int port) throws IOException {
    try (ServerSocket other = new ServerSocket()) {
      assertThatThrownBy(() -> other.bind(new InetSocketAddress(LOOPBACK, port)))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void nobodyIsAnsweredAtTheNewAddressUntilItIsDecided() throws Exception {
    try (Daemon daemon = Daemon.start(folder, Daemon.plan(10, 0))) {
      ControlSettings.Http fresh = ControlSettings.Http.onLoopback(freePort(), Daemon.TOKEN);
      ControlServer.Change refused = daemon.server().prepareHttp(fresh);
      try (Socket early = new Socket(LOOPBACK, fresh.address().getPort())) {
        ask(early);
        early.setSoTimeout(300);
        assertThatThrownBy(() -> early.getInputStream().read())
            .isInstanceOf(SocketTimeoutException.class);
        refused.cancel();
        early.setSoTimeout(10_000);
        assertThat(read(early)).isNegative();
      }
      ControlServer.Change change = daemon.server().prepareHttp(fresh);
      try (Socket early = new Socket(LOOPBACK, fresh.address().getPort())) {
        ask(early);
        change.commit();
        early.setSoTimeout(10_000);
        assertThat(new String(early.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
            .isEqualTo("HTTP/1.1 200");
      }
    }
  }

  private static void ask(Socket socket) throws IOException {
    socket.getOutputStream().write(HEALTH.getBytes(StandardCharsets.US_ASCII));
  }

  /** One byte; negative for its end, of whatever kind. */
  private static int read(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read();
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (IOException reset) {
      return -1;
    }
  }

  @Test
  void clientsOfAnAddressThatIsLeftAreCountedAndEndWithTheServer() throws Exception {
    try (Daemon daemon = Daemon.start(folder, Daemon.plan(10, 0));
        Socket client = new Socket(LOOPBACK, daemon.server().http().getPort())) {
      client.setSoTimeout(10_000);
      ask(client);
      assertThat(read(client)).isEqualTo('H');
      daemon.server().prepareHttp(null).commit();
      assertThat(daemon.server().http()).isNull();
      assertThat(daemon.server().connections()).isEqualTo(1);

      daemon.server().close();
      assertThat(daemon.server().connections()).isZero();
      client.getInputStream().skip(client.getInputStream().available());
      client.setSoTimeout(1000);
      assertThat(read(client)).isNegative();
    }
  }

  /** An event loop that is shut down right after the last thing it did leaves its sockets open. */
  @Test
  void noClientIsLeftWithASocketThatNobodyAnswers() throws Exception {
    for (int i = 0; i < 20; i++) {
      try (Daemon daemon = Daemon.start(folder, Daemon.plan(10, 0));
          Socket client = new Socket(LOOPBACK, daemon.server().http().getPort())) {
        client.setSoTimeout(10_000);
        ask(client);
        assertThat(read(client)).isEqualTo('H');
        daemon.server().close();
        assertThat(daemon.server().connections()).isZero();
        client.getInputStream().skip(client.getInputStream().available());
        assertThat(read(client)).isNegative();
      }
    }
  }
}
