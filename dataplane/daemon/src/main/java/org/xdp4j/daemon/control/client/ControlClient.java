package org.xdp4j.daemon.control.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.xdp4j.daemon.control.json.JsonException;
import org.xdp4j.daemon.control.json.JsonReader;
import org.xdp4j.daemon.control.json.JsonWriter;

/** Asks a running daemon, a connection for each question. */
public final class ControlClient {
  /** More than a daemon takes for an answer that has to wait for a worker. */
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final Path socket;
  private final Duration patience;

  /** A client of the daemon at this socket. */
  public ControlClient(Path socket) {
    this(socket, PATIENCE);
  }

  /**
   * The same.
   *
   * @param patience how long an answer to a GET may take to begin
   */
  public ControlClient(Path socket, Duration patience) {
    this.socket = socket;
    this.patience = patience;
  }

  /** The value of a GET. */
  public Object get(String target) throws ClientException {
    try (Response response = open("GET", target, "application/json", null, null)) {
      return read(response.body().readAllBytes());
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /** A reply that goes on; to be closed. */
  public Response stream(String target, String accept) throws ClientException {
    return open("GET", target, accept, null, null);
  }

  /**
   * Tells the daemon something in JSON.
   *
   * @param body null for no body
   * @return its answer; null when it has nothing to say
   */
  public Object send(String method, String target, Map<String, ?> body) throws ClientException {
    byte[] bytes = body == null ? null : JsonWriter.bytes(body);
    return send(method, target, "application/json", bytes);
  }

  /** The same with a body of any type. */
  public Object send(String method, String target, String type, byte[] body)
      throws ClientException {
    try (Response response = open(method, target, "application/json", type, body)) {
      byte[] answer = response.body().readAllBytes();
      return answer.length == 0 ? null : read(answer);
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /** A part of a target, encoded: a path's segment or a parameter's value. */
  public static String encode(String part) {
    return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private Object read(byte[] answer) throws ClientException {
    try {
      return JsonReader.read(answer);
    } catch (JsonException e) {
      throw ClientException.unreachable(
          "what answers at " + socket + " is no xdp4j daemon: " + e.getMessage(), e);
    }
  }

  private ClientException broken(IOException e) {
    return ClientException.unreachable(
        "the connection to the daemon at " + socket + " broke: " + e.getMessage(), e);
  }

  private Response open(String method, String target, String accept, String type, byte[] body)
      throws ClientException {
    SocketChannel channel = connect();
    if (!method.equals("GET")) {
      return exchange(channel, method, target, accept, type, body); // a change may take its time
    }
    try (Patience waiting = new Patience(channel, patience)) {
      try {
        return exchange(channel, method, target, accept, type, body);
      } catch (ClientException e) {
        throw waiting.isOver()
            ? ClientException.unreachable(
                "the daemon at %s has not answered for %d ms: it is stopped, or stuck"
                    .formatted(socket, patience.toMillis()),
                e)
            : e;
      }
    }
  }

  private Response exchange(
      SocketChannel channel, String method, String target, String accept, String type, byte[] body)
      throws ClientException {
    try {
      write(channel, head(method, target, accept, type, body));
      if (body != null) {
        write(channel, body);
      }
    } catch (IOException e) {
      // It may have said no before it took all of the body: that is worth reading.
      return answer(channel, e);
    }
    return answer(channel, null);
  }

  private Response answer(SocketChannel channel, IOException unsent) throws ClientException {
    try {
      Response response = Response.read(channel);
      if (response.status() >= 300) {
        try (response) {
          throw new ClientException(response.status(), sentence(response), null);
        }
      }
      return response;
    } catch (IOException e) {
      close(channel);
      throw broken(unsent == null ? e : unsent);
    }
  }

  private static String sentence(Response response) throws IOException {
    byte[] body = response.body().readAllBytes();
    try {
      if (JsonReader.readObject(body).get("detail") instanceof String detail) {
        return detail;
      }
    } catch (JsonException e) {
      // It is no problem of ours, then.
    }
    return "the daemon answers with status " + response.status();
  }

  private static byte[] head(
      String method, String target, String accept, String type, byte[] body) {
    StringBuilder head = new StringBuilder();
    head.append(method).append(' ').append(target).append(" HTTP/1.1\r\n");
    head.append("Host: localhost\r\nConnection: close\r\nAccept: ").append(accept).append("\r\n");
    if (body != null) {
      head.append("Content-Type: ").append(type).append("\r\n");
      head.append("Content-Length: ").append(body.length).append("\r\n");
    } else if (!method.equals("GET")) {
      head.append("Content-Length: 0\r\n");
    }
    return head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
  }

  private SocketChannel connect() throws ClientException {
    SocketChannel channel = null;
    try {
      channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      channel.connect(UnixDomainSocketAddress.of(socket));
      return channel;
    } catch (IOException | IllegalArgumentException e) {
      close(channel);
      throw ClientException.unreachable(whyNot(e), e);
    }
  }

  private String whyNot(Exception e) {
    String message = String.valueOf(e.getMessage());
    if (!Files.exists(socket)) {
      return "no daemon is running: there is no control socket " + socket;
    }
    if (e instanceof AccessDeniedException || message.contains("Permission denied")) {
      return "the control socket " + socket + " may be used by its owner and root only";
    }
    if (message.contains("Connection refused")) {
      return "no daemon is running: nobody listens at the control socket " + socket;
    }
    return "the control socket " + socket + " cannot be used: " + message;
  }

  private static void write(SocketChannel channel, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  private static void close(SocketChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      return; // It is of no more use anyway.
    }
  }

  /** An answer whose head has been read. */
  public static final class Response implements AutoCloseable {
    private static final int MAX_LINE = 16 << 10;

    private final SocketChannel channel;
    private final int status;
    private final InputStream body;

    private Response(SocketChannel channel, int status, InputStream body) {
      this.channel = channel;
      this.status = status;
      this.body = body;
    }

    private static Response read(SocketChannel channel) throws IOException {
      InputStream in = new SocketInput(channel);
      String first = line(in);
      if (!first.startsWith("HTTP/1.1 ") || first.length() < 12) {
        throw new IOException("what answers does not speak HTTP");
      }
      int status = Integer.parseInt(first.substring(9, 12));
      long length = -1;
      boolean chunked = false;
      for (String field = line(in); !field.isEmpty(); field = line(in)) {
        String lower = field.toLowerCase(Locale.ROOT);
        if (lower.startsWith("content-length:")) {
          length = Long.parseLong(field.substring(field.indexOf(':') + 1).strip());
        } else if (lower.startsWith("transfer-encoding:") && lower.contains("chunked")) {
          chunked = true;
        }
      }
      if (status == 204) {
        length = 0;
      }
      InputStream body = chunked ? new ChunkedInput(in) : new LimitedInput(in, length);
      return new Response(channel, status, body);
    }

    static String line(InputStream in) throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream(64);
      for (int next = in.read(); next != '\n'; next = in.read()) {
        if (next < 0) {
          throw new IOException("the daemon closed the connection");
        }
        if (line.size() >= MAX_LINE) {
          throw new IOException("a line of the answer is too long");
        }
        line.write(next);
      }
      return line.toString(StandardCharsets.UTF_8).stripTrailing();
    }

    /** The status. */
    public int status() {
      return status;
    }

    /** The body, which may go on for as long as the daemon runs. */
    public InputStream body() {
      return body;
    }

    /** The next line of the body; null at its end. */
    public byte[] nextLine() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream(256);
      for (int next = body.read(); next >= 0; next = body.read()) {
        if (next == '\n') {
          return line.toByteArray();
        }
        line.write(next);
      }
      return null;
    }

    @Override
    public void close() {
      ControlClient.close(channel);
    }
  }
}
