package org.xdp4j.daemon.control.api;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import org.xdp4j.daemon.control.http.Access;
import org.xdp4j.daemon.control.http.Outlet;
import org.xdp4j.daemon.control.http.Problem;
import org.xdp4j.daemon.control.http.Reply;
import org.xdp4j.daemon.control.http.Request;
import org.xdp4j.daemon.control.http.Route;
import org.xdp4j.daemon.control.json.JsonWriter;
import org.xdp4j.daemon.control.view.Dataplane;
import org.xdp4j.daemon.control.view.Dataplane.CaptureRequest;
import org.xdp4j.daemon.control.view.Dataplane.CapturedFrame;
import org.xdp4j.daemon.control.view.Dataplane.Event;
import org.xdp4j.daemon.control.view.Dataplane.Subscription;
import org.xdp4j.daemon.control.view.Dataplane.TraceRequest;
import org.xdp4j.daemon.control.view.DataplaneException;

/** What goes on for as long as the client listens: events, captures, traces. */
final class StreamRoutes {
  private static final List<String> POINTS = List.of("ingress", "egress", "drop");
  private static final int MAX_FILTER = 4096;
  private static final int MAX_SNAP = 262_144;

  /** Bytes of a frame that are kept when nobody says: all but of large segments. */
  private static final int SNAP = 2048;

  private static final int MAX_TRACES = 10_000;
  private static final long MAX_FRAMES = 1_000_000_000_000_000L;

  /** Streams that may be open at one time: each costs the data plane something. */
  private static final int MAX_STREAMS = 16;

  private final Dataplane dataplane;
  private final AtomicInteger open = new AtomicInteger();

  StreamRoutes(Dataplane dataplane) {
    this.dataplane = dataplane;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/v1/events", this::events, "event", "source", "type"),
        Route.get("/v1/capture", this::capture, "filter", "point", "port", "snaplen", "count")
            .with(Access.WRITE),
        Route.get("/v1/trace", this::trace, "filter", "port", "count", "dropped")
            .with(Access.WRITE));
  }

  /** Opens a subscription unless there are too many. */
  private Subscription admit(Opening opening) throws Problem {
    if (open.incrementAndGet() > MAX_STREAMS) {
      open.decrementAndGet();
      throw Problem.of(503, "there are " + MAX_STREAMS + " streams already")
          .with("Retry-After", "5");
    }
    try {
      Subscription subscription = opening.open();
      return new Counted(subscription, open);
    } catch (DataplaneException e) {
      open.decrementAndGet();
      throw ProgramRoutes.no(e);
    } catch (RuntimeException e) {
      open.decrementAndGet();
      throw e;
    }
  }

  private interface Opening {
    Subscription open() throws DataplaneException;
  }

  /** A subscription that counts among the open ones until it is closed. */
  private static final class Counted implements Subscription {
    private final Subscription inner;
    private final AtomicInteger open;
    private final AtomicInteger closed = new AtomicInteger();

    Counted(Subscription inner, AtomicInteger open) {
      this.inner = inner;
      this.open = open;
    }

    @Override
    public long lost() {
      return inner.lost();
    }

    @Override
    public void close() {
      if (closed.getAndIncrement() == 0) {
        open.decrementAndGet();
        inner.close();
      }
    }
  }

  private static byte[] framed(boolean sse, Object value) {
    byte[] line = JsonWriter.line(value);
    if (!sse) {
      return line;
    }
    return ("data: " + new String(line, StandardCharsets.UTF_8) + "\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] lost(boolean sse, long count) {
    Map<String, Object> note = new LinkedHashMap<>();
    note.put("event", "lost");
    note.put("count", count);
    return framed(sse, note);
  }

  private Reply events(Request request) throws Problem {
    EventSources wanted =
        EventSources.of(
            request.query().getOrDefault("event", List.of()),
            request.query().getOrDefault("source", List.of()),
            dataplane);
    EventTypes types =
        EventTypes.of(request.query().getOrDefault("type", List.of()), dataplane.maps());
    boolean sse = request.accepts(Reply.EVENTS);
    LineStream stream = new LineStream(sse, Long.MAX_VALUE);
    Subscription subscription =
        admit(
            () ->
                dataplane.events(
                    event -> {
                      if (wanted.fit(event)) {
                        stream.take(json(event, types));
                      }
                    }));
    return opened(sse ? Reply.EVENTS : Reply.JSON_LINES, Map.of(), stream, subscription);
  }

  private static Map<String, Object> json(Event event, EventTypes types) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("event", event.event());
    members.put("time", event.time());
    members.put("source", event.source());
    members.put("cpu", event.cpu());
    members.put("text", event.text());
    members.put("data", event.data() == null ? null : HexFormat.of().formatHex(event.data()));
    members.put("value", types.value(event.source(), event.data()));
    return members;
  }

  private static String filter(Request request) throws Problem {
    String filter = request.text("filter");
    if (filter != null && filter.length() > MAX_FILTER) {
      throw Problem.bad("the parameter filter has more than " + MAX_FILTER + " characters");
    }
    return filter == null ? "" : filter.strip();
  }

  private Reply capture(Request request) throws Problem {
    List<String> points = request.query().getOrDefault("point", POINTS);
    for (String point : points) {
      if (!POINTS.contains(point)) {
        throw Problem.bad("the parameter point is ingress, egress or drop, not " + point);
      }
    }
    CaptureRequest wanted =
        new CaptureRequest(
            filter(request),
            points,
            request.text("port"),
            (int) request.number("snaplen", 14, MAX_SNAP, SNAP));
    long count = request.number("count", 1, MAX_FRAMES, Long.MAX_VALUE);
    // Opened before the reply begins, so that a broken filter is a proper answer.
    CaptureStream stream = new CaptureStream(count);
    Subscription subscription = admit(() -> dataplane.capture(wanted, stream::take));
    return opened(
        Pcapng.MEDIA_TYPE,
        Map.of("Content-Disposition", "attachment; filename=\"xdp4j.pcapng\""),
        stream,
        subscription);
  }

  private Reply trace(Request request) throws Problem {
    TraceRequest wanted =
        new TraceRequest(
            filter(request),
            request.text("port"),
            (int) request.number("count", 1, MAX_TRACES, 1),
            request.flag("dropped"));
    boolean sse = request.accepts(Reply.EVENTS);
    LineStream stream = new LineStream(sse, wanted.count());
    Subscription subscription = admit(() -> dataplane.trace(wanted, stream::take));
    return opened(sse ? Reply.EVENTS : Reply.JSON_LINES, Map.of(), stream, subscription);
  }

  private static Reply opened(
      String type, Map<String, String> headers, Stream stream, Subscription subscription) {
    return new Reply.Pushed(
        type, headers, outlet -> stream.connect(outlet, subscription), subscription);
  }

  /** Records on their way to an outlet that comes a moment later than the first of them. */
  private abstract static class Stream {
    /** Records that may come before the outlet does; more are lost, and counted. */
    private static final int MOST_EARLY = 4096;

    private final Queue<Object> early = new ArrayDeque<>();
    private long earlyLost;
    private long left;
    private long reported;
    private Outlet outlet;
    private Subscription subscription;

    Stream(long count) {
      left = count;
    }

    final synchronized void connect(Outlet to, Subscription from) {
      outlet = to;
      subscription = from;
      to.noteLossesBy(this::noteLoss);
      begin(to);
      for (Object next = early.poll(); next != null; next = early.poll()) {
        pass(next);
      }
      to.lose(earlyLost);
    }

    /** Offers what a stream begins with. */
    void begin(Outlet to) {}

    private synchronized byte[] noteLoss(long count) {
      return lossNote(count);
    }

    abstract byte[] lossNote(long count);

    /** What is sent for a frame or event; made only when there is somebody to send it to. */
    abstract byte[] record(Object of);

    /** The record of this was sent, or will be. */
    void sent(Object of) {}

    final synchronized void take(Object next) {
      if (outlet != null) {
        pass(next);
      } else if (early.size() < MOST_EARLY) {
        early.add(next);
      } else {
        earlyLost++;
      }
    }

    private void pass(Object next) {
      if (left <= 0) {
        return;
      }
      long lost = subscription.lost();
      if (lost > reported) {
        outlet.lose(lost - reported);
        reported = lost;
      }
      if (outlet.offer(record(next))) {
        sent(next);
        left--;
        if (left == 0) {
          outlet.end();
        }
      }
    }
  }

  private static final class CaptureStream extends Stream {
    private final Pcapng pcapng = new Pcapng();

    CaptureStream(long count) {
      super(count);
    }

    @Override
    void begin(Outlet to) {
      to.offer(pcapng.sectionHeader());
    }

    @Override
    byte[] lossNote(long count) {
      return pcapng.lost(count);
    }

    @Override
    byte[] record(Object of) {
      return pcapng.blocks((CapturedFrame) of);
    }

    @Override
    void sent(Object of) {
      pcapng.sent((CapturedFrame) of);
    }
  }

  private static final class LineStream extends Stream {
    private final boolean sse;

    LineStream(boolean sse, long count) {
      super(count);
      this.sse = sse;
    }

    @Override
    byte[] lossNote(long count) {
      return lost(sse, count);
    }

    @Override
    byte[] record(Object of) {
      return framed(sse, of);
    }
  }
}
