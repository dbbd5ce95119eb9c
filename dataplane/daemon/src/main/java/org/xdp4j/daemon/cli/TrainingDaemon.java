package org.xdp4j.daemon.cli;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Answers as a daemon would, for {@link Training}: the verbs' classes belong into the start-up
 * cache, a real daemon's do not, since each start would pay for them.
 */
final class TrainingDaemon implements AutoCloseable {
  private static final String BALANCE =
      "{\"received\":1,\"generated\":0,\"transmitted\":1,\"delivered\":0,\"punted\":0,\"dropped\":0,"
          + "\"inFlight\":0,\"difference\":0}";
  private static final String PORT =
      "{\"port\":\"a\",\"ifindex\":1,\"state\":\"up\",\"mac\":\"02:00:00:00:00:01\",\"program\":null,"
          + "\"receivedFrames\":1,\"receivedBytes\":60}";
  private static final String DROP =
      "{\"reason\":\"xdp-drop\",\"by\":\"engine\",\"sentence\":\"the program dropped"
          + " it\",\"frames\":1,\"lastSeen\":\"2026-01-01T00:00:00Z\"}";

  private final Path folder;
  private final ServerSocketChannel server;

  private TrainingDaemon(Path folder, ServerSocketChannel server) {
    this.folder = folder;
    this.server = server;
  }

  static TrainingDaemon start() throws IOException {
    Path folder = Files.createTempDirectory("xdp4j-training-");
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    TrainingDaemon daemon = new TrainingDaemon(folder, server);
    server.bind(UnixDomainSocketAddress.of(daemon.socket()));
    Thread.ofPlatform().daemon().start(daemon::run);
    return daemon;
  }

  Path socket() {
    return folder.resolve("s");
  }

  private void run() {
    while (server.isOpen()) {
      try (SocketChannel client = server.accept()) {
        answer(client);
      } catch (IOException e) {
        continue; // The next one, or the end.
      }
    }
  }

  private static void answer(SocketChannel client) throws IOException {
    ByteBuffer request = ByteBuffer.allocate(1 << 16);
    client.read(request);
    String line = new String(request.array(), 0, request.position(), StandardCharsets.UTF_8);
    byte[] body = body(line.split(" ", 3)[1]).getBytes(StandardCharsets.UTF_8);
    String head = "HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n";
    ByteBuffer reply = ByteBuffer.allocate(head.length() + body.length);
    reply.put(head.getBytes(StandardCharsets.US_ASCII)).put(body).flip();
    while (reply.hasRemaining()) {
      client.write(reply);
    }
  }

  private static String body(String target) {
    if (target.startsWith("/v1/ports")) {
      return "[" + PORT + "]";
    }
    if (target.startsWith("/v1/maps")) {
      return "{\"keyText\":\"0\",\"texts\":[\"1\"]}\n";
    }
    return "{\"time\":\"2026-01-01T00:00:00Z\",\"uptimeSeconds\":1.5,\"balance\":"
        + BALANCE
        + ",\"drops\":["
        + DROP
        + "],\"ports\":["
        + PORT
        + "],\"workers\":[]}";
  }

  @Override
  public void close() throws IOException {
    server.close();
    Files.deleteIfExists(socket());
    Files.deleteIfExists(folder);
  }
}
