package org.xdp4j.daemon.control.http;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.xdp4j.daemon.control.json.JsonWriter;

/** What a handler answers with. */
public sealed interface Reply {
  /** JSON. */
  String JSON = "application/json";

  /** JSON values, one a line. */
  String JSON_LINES = "application/x-ndjson";

  /** Server-sent events (the HTML standard). */
  String EVENTS = "text/event-stream";

  /** The status of the response. */
  int status();

  /** What the body is; null when there is none. */
  String contentType();

  /** Further header fields. */
  Map<String, String> headers();

  /** A reply that is there as a whole. */
  record Whole(int status, String contentType, byte[] body, Map<String, String> headers)
      implements Reply {
    /** The same with a further header field. */
    public Whole with(String name, String value) {
      Map<String, String> more = new LinkedHashMap<>(headers);
      more.put(name, value);
      return new Whole(status, contentType, body, more);
    }
  }

  /** A reply that is made as the client takes it. */
  record Pulled(String contentType, Source source) implements Reply {
    @Override
    public int status() {
      return 200;
    }

    @Override
    public Map<String, String> headers() {
      return Map.of();
    }
  }

  /**
   * A reply that goes on as things happen.
   *
   * @param connect told once, soon and quickly, where to push
   * @param production what is pushing already; closed once, whatever becomes of the client
   */
  record Pushed(
      String contentType,
      Map<String, String> headers,
      Consumer<Outlet> connect,
      AutoCloseable production)
      implements Reply {
    @Override
    public int status() {
      return 200;
    }
  }

  /** Where a pulled reply comes from. Asked on the event loop: each piece is soon made. */
  @FunctionalInterface
  interface Source {
    /** The next piece, some kilobytes; null at the end. */
    byte[] next();

    /** It is not asked again: gives back what it took. Called once, whatever became of it. */
    default void close() {}
  }

  /** JSON, with status 200. */
  static Whole json(Object value) {
    return json(200, value);
  }

  /** JSON. */
  static Whole json(int status, Object value) {
    return whole(status, JSON, JsonWriter.line(value));
  }

  /** A body of any type. */
  static Whole whole(int status, String contentType, byte[] body) {
    return new Whole(status, contentType, body, Map.of());
  }

  /** Done, and nothing to say. */
  static Whole done() {
    return new Whole(204, null, new byte[0], Map.of());
  }

  /** Pieces put together from an iterator's lines, several kilobytes each. */
  static Pulled lines(Iterator<?> values) {
    return lines(values, () -> {});
  }

  /** The same, and what is to be done when they are no longer needed. */
  static Pulled lines(Iterator<?> values, Runnable end) {
    return new Pulled(JSON_LINES, new LineSource(values, end));
  }
}
