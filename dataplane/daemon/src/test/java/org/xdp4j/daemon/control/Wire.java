package org.xdp4j.daemon.control;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.xdp4j.daemon.control.json.JsonException;
import org.xdp4j.daemon.control.json.JsonReader;

/** A connection on which anything can be said, so that a test sees what really comes back. */
final class Wire implements AutoCloseable {
  /** How it got there. */
  enum Over {
    UNIX,
    TCP
  }

  private final SocketChannel channel;
  private final String fields;
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16).limit(0);

  private Wire(SocketChannel channel, String fields) {
    this.channel = channel;
    this.fields = fields;
  }

  static Wire open(Path socket, InetSocketAddress http) throws IOException {
    if (socket != null) {
      SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      channel.connect(UnixDomainSocketAddress.of(socket));
      return new Wire(channel, "Host: localhost\r\n");
    }
    String host = "Host: 127.0.0.1:" + http.getPort() + "\r\n";
    return new Wire(
        SocketChannel.open(http), host + "Authorization: Bearer " + Daemon.TOKEN + "\r\n");
  }

  /** What came back. */
  record Answer(int status, Map<String, String> headers, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    Object json() {
      try {
        return JsonReader.read(body);
      } catch (JsonException e) {
        throw new AssertionError(text(), e);
      }
    }

    Map<?, ?> object() {
      return (Map<?, ?>) json();
    }

    String detail() {
      return String.valueOf(object().get("detail"));
    }

    String header(String name) {
      return headers.get(name.toLowerCase(Locale.ROOT));
    }
  }

  Answer get(String target) throws IOException {
    return ask("GET", target, "", null);
  }

  /** One request with whatever it needs to be answered, and further fields. */
  Answer ask(String method, String target, String more, String body) throws IOException {
    byte[] bytes = body == null ? new byte[0] : body.getBytes(StandardCharsets.UTF_8);
    return ask(method, target, more, bytes, body != null);
  }

  Answer ask(String method, String target, String more, byte[] body, boolean hasBody)
      throws IOException {
    say(
        method
            + " "
            + target
            + " HTTP/1.1\r\n"
            + fields
            + (hasBody ? "Content-Length: " + body.length + "\r\n" : "")
            + more
            + "\r\n");
    say(body);
    return answer(method.equals("HEAD"));
  }

  Answer json(String method, String target, String body) throws IOException {
    return ask(method, target, "Content-Type: application/json\r\n", body);
  }

  void say(String text) throws IOException {
    say(text.getBytes(StandardCharsets.UTF_8));
  }

  void say(byte[] bytes) throws IOException {
    ByteBuffer out = ByteBuffer.wrap(bytes);
    while (out.hasRemaining()) {
      channel.write(out);
    }
  }

  /** The head of an answer. */
  Answer head() throws IOException {
    String[] first = line().split(" ", 3);
    if (!first[0].equals("HTTP/1.1")) {
      throw new IOException("not HTTP: " + String.join(" ", first));
    }
    Map<String, String> headers = new LinkedHashMap<>();
    for (String field = line(); !field.isEmpty(); field = line()) {
      int colon = field.indexOf(':');
      headers.put(
          field.substring(0, colon).toLowerCase(Locale.ROOT), field.substring(colon + 1).strip());
    }
    return new Answer(Integer.parseInt(first[1]), headers, new byte[0]);
  }

  Answer answer(boolean headOnly) throws IOException {
    Answer head = head();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    if (!headOnly && head.header("transfer-encoding") != null) {
      for (byte[] chunk = chunk(); chunk != null; chunk = chunk()) {
        body.writeBytes(chunk);
      }
    } else if (!headOnly && head.header("content-length") != null) {
      body.writeBytes(bytes(Integer.parseInt(head.header("content-length"))));
    }
    return new Answer(head.status(), head.headers(), body.toByteArray());
  }

  /** The next chunk of a body; null at its end. */
  byte[] chunk() throws IOException {
    int size = Integer.parseInt(line(), 16);
    byte[] chunk = bytes(size);
    line();
    return size == 0 ? null : chunk;
  }

  private byte[] bytes(int count) throws IOException {
    byte[] all = new byte[count];
    for (int i = 0; i < count; i++) {
      all[i] = (byte) read();
    }
    return all;
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = read(); next != '\n'; next = read()) {
      line.write(next);
    }
    return line.toString(StandardCharsets.UTF_8).stripTrailing();
  }

  /** The next byte. */
  int read() throws IOException {
    if (!buffer.hasRemaining()) {
      buffer.clear();
      int count = channel.read(buffer);
      buffer.flip();
      if (count < 0) {
        throw new EOFException("the connection was closed");
      }
    }
    return buffer.get() & 0xff;
  }

  /** Says that no more will be said. */
  void shutdownOutput() throws IOException {
    channel.shutdownOutput();
  }

  /** Takes what comes until the connection is closed. */
  long drain() throws IOException {
    long all = buffer.remaining();
    ByteBuffer into = ByteBuffer.allocate(1 << 16);
    for (int count = channel.read(into); count >= 0; count = channel.read(into.clear())) {
      all += count;
    }
    return all;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
