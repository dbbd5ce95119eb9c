package org.xdp4j.daemon.control.live;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.xdp4j.daemon.control.json.JsonWriter;
import org.xdp4j.daemon.control.view.Dataplane;
import org.xdp4j.daemon.control.view.DataplaneException;
import org.xdp4j.daemon.control.view.Figures;
import org.xdp4j.daemon.control.view.MapHandle;
import org.xdp4j.engine.forward.Capture;
import org.xdp4j.engine.forward.CapturePoint;
import org.xdp4j.engine.forward.DevicePorts;
import org.xdp4j.engine.forward.Forwarder;
import org.xdp4j.engine.forward.ForwarderEvent;
import org.xdp4j.engine.forward.ForwarderException;
import org.xdp4j.engine.forward.FrameStory;
import org.xdp4j.engine.forward.MapView;
import org.xdp4j.engine.forward.Trace;
import org.xdp4j.engine.plan.ProgramPlan;
import org.xdp4j.net.stack.Router;

/** A forwarder as the control plane sees it. */
public final class ForwarderDataplane implements Dataplane {
  /** Memory that the slots of a capture's worker take, unless they are very large. */
  private static final int SLOT_BYTES = 2 << 20;

  private static final Map<String, CapturePoint> POINTS =
      Map.of(
          "ingress", CapturePoint.RECEIVED,
          "egress", CapturePoint.TRANSMITTED,
          "drop", CapturePoint.DROPPED);

  private static final Map<CapturePoint, String> NAMES =
      POINTS.entrySet().stream().collect(Collectors.toMap(Map.Entry::getValue, Map.Entry::getKey));

  private final Forwarder forwarder;
  private final Uploads uploads = new Uploads();
  private final FigureReader figures;

  /** The picture of a forwarder that was just started. */
  public ForwarderDataplane(Forwarder forwarder) {
    this.forwarder = forwarder;
    this.figures = new FigureReader(forwarder, Instant.now(), uploads::name);
  }

  @Override
  public Figures figures() {
    return figures.read();
  }

  @Override
  public List<MapHandle> maps() {
    return forwarder.maps().stream().map(this::handle).toList();
  }

  private MapHandle handle(MapView view) {
    return new MapHandle(view.map(), view.name(), view.spec(), view.object().btf(), view.program());
  }

  @Override
  public DevicePorts devicePorts() {
    return forwarder.devicePorts();
  }

  @Override
  public Router router() {
    return forwarder.router();
  }

  @Override
  public synchronized void attach(NewProgram program, boolean mayReplace)
      throws DataplaneException {
    requirePort(program.port());
    ProgramPlan current = on(program.port());
    if (current != null && !mayReplace) {
      throw DataplaneException.conflict(
          "port " + program.port() + " has a program already, " + current.name());
    }
    Path file = keep(program);
    try {
      ProgramPlan plan =
          new ProgramPlan(
              name(program, current),
              file,
              program.function() == null ? List.of() : List.of(program.function()),
              Map.of(),
              current != null && current.asXdp(),
              current == null ? List.of() : current.replaced(),
              List.of(program.port()),
              program.maps(),
              current == null ? List.of() : current.pinned(),
              current == null ? ProgramPlan.Kernel.NONE : current.kernel());
      forwarder.programs().replace(program.port(), plan);
    } catch (ForwarderException e) {
      throw DataplaneException.refused(uploads.told(e.getMessage()), e);
    } finally {
      retain();
    }
  }

  @Override
  public synchronized void putPrograms(MapHandle map, String entries) throws DataplaneException {
    try {
      forwarder.programs().put(map.program(), map.spec(), entries);
    } catch (ForwarderException e) {
      throw DataplaneException.refused(uploads.told(e.getMessage()), e);
    } finally {
      retain();
    }
  }

  private Path keep(NewProgram program) throws DataplaneException {
    try {
      return uploads.keep(program.object(), program.file());
    } catch (IOException e) {
      throw DataplaneException.refused(
          "the object cannot be kept for as long as it is attached: " + e.getMessage(), e);
    }
  }

  private void retain() {
    figures.forget();
    uploads.retain(forwarder.plan().programs().stream().map(ProgramPlan::object).toList());
  }

  private void requirePort(String port) throws DataplaneException {
    List<String> names = forwarder.plan().ports().stream().map(each -> each.name()).toList();
    if (!names.contains(port)) {
      throw DataplaneException.missing(
          "there is no port '" + port + "'; there are " + String.join(", ", names));
    }
  }

  private ProgramPlan on(String port) {
    return forwarder.plan().programs().stream()
        .filter(each -> each.ports().contains(port))
        .findFirst()
        .orElse(null);
  }

  /**
   * Its place-taker's name where that is on this port alone, so that it is another version of the
   * same; else one that nobody has.
   */
  private String name(NewProgram program, ProgramPlan current) {
    if (current != null && current.ports().size() == 1) {
      return current.name();
    }
    String file = program.file().substring(program.file().lastIndexOf('/') + 1);
    String name = program.function() != null ? program.function() : file.replaceAll("\\..*", "");
    List<String> taken = new ArrayList<>();
    forwarder.plan().programs().forEach(each -> taken.add(each.name()));
    return taken.contains(name) ? name + "-" + program.port() : name;
  }

  @Override
  public synchronized void detach(String port) throws DataplaneException {
    requirePort(port);
    try {
      forwarder.programs().detach(port);
    } catch (ForwarderException e) {
      throw DataplaneException.missing(uploads.told(e.getMessage()));
    } finally {
      retain();
    }
  }

  @Override
  public Subscription capture(CaptureRequest request, Consumer<CapturedFrame> sink)
      throws DataplaneException {
    if (request.port() != null) {
      requirePort(request.port());
    }
    Set<CapturePoint> points = EnumSet.noneOf(CapturePoint.class);
    request.points().forEach(point -> points.add(POINTS.get(point)));
    try {
      Capture capture =
          forwarder.capture(
              new org.xdp4j.engine.forward.CaptureRequest(
                  request.filter(),
                  points,
                  request.port(),
                  request.snapLength(),
                  0,
                  slots(request.snapLength())),
              frame -> sink.accept(captured(frame)));
      return subscription(capture, capture::missed);
    } catch (ForwarderException e) {
      throw DataplaneException.refused(e.getMessage(), e);
    }
  }

  /** Slots are made beforehand, so large ones are few. */
  private static int slots(int snapLength) {
    return Math.clamp(SLOT_BYTES / snapLength, 8, 1024);
  }

  private static CapturedFrame captured(org.xdp4j.engine.forward.CapturedFrame frame) {
    Instant time = frame.time();
    return new CapturedFrame(
        NAMES.get(frame.point()),
        frame.port(),
        time.getEpochSecond() * 1_000_000_000L + time.getNano(),
        frame.data(),
        frame.length(),
        frame.verdict(),
        frame.reason());
  }

  @Override
  public Subscription trace(TraceRequest request, Consumer<TracedFrame> sink)
      throws DataplaneException {
    if (request.port() != null) {
      requirePort(request.port());
    }
    try {
      Trace trace =
          forwarder.trace(
              new org.xdp4j.engine.forward.TraceRequest(
                  request.filter(), request.port(), request.count(), request.droppedOnly()),
              story -> sink.accept(traced(story)));
      return subscription(trace, () -> 0);
    } catch (ForwarderException e) {
      throw DataplaneException.refused(e.getMessage(), e);
    }
  }

  private static TracedFrame traced(FrameStory story) {
    return new TracedFrame(
        story.port(),
        story.time().toString(),
        story.frame().length,
        FrameSummary.of(story.frame()),
        story.steps().stream()
            .map(
                step ->
                    new Step(
                        step.nanos(), JsonWriter.name(step.kind()), step.text(), step.source()))
            .toList(),
        JsonWriter.name(story.end()));
  }

  @Override
  public Subscription events(Consumer<Event> sink) {
    long missedBefore = forwarder.missedEvents();
    return subscription(
        forwarder.events(event -> sink.accept(event(event))),
        () -> forwarder.missedEvents() - missedBefore);
  }

  private static Subscription subscription(
      org.xdp4j.engine.forward.Subscription inner, LongSupplier lost) {
    return new Subscription() {
      @Override
      public long lost() {
        return lost.getAsLong();
      }

      @Override
      public void close() {
        inner.close();
      }
    };
  }

  private static Event event(ForwarderEvent event) {
    String time = event.time().toString();
    return switch (event) {
      case ForwarderEvent.Printk e ->
          new Event("printk", time, null, e.worker(), e.text().stripTrailing(), null);
      case ForwarderEvent.Perf e -> new Event("perf", time, e.map(), e.worker(), null, e.data());
      case ForwarderEvent.RingRecord e -> new Event("ringbuf", time, e.map(), null, null, e.data());
      case ForwarderEvent.Link e ->
          new Event("link", time, e.port(), null, JsonWriter.name(e.state()), null);
      case ForwarderEvent.Applied e -> new Event("applied", time, null, null, null, null);
      case ForwarderEvent.WorkerFailed e ->
          new Event("worker-failed", time, null, e.worker(), e.reason(), null);
    };
  }

  /** Forgets the objects that clients sent; the forwarder goes on. */
  @Override
  public void close() {
    uploads.close();
  }
}
