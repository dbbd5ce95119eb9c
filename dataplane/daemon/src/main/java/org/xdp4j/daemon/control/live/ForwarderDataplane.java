package org.xdp4j.daemon.control.live;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.xdp4j.daemon.control.json.JsonWriter;
import org.xdp4j.daemon.control.view.Dataplane;
import org.xdp4j.daemon.control.view.DataplaneException;
import org.xdp4j.daemon.control.view.Figures;
import org.xdp4j.daemon.control.view.MapHandle;
import org.xdp4j.engine.forward.Forwarder;
import org.xdp4j.engine.forward.ForwarderEvent;
import org.xdp4j.engine.forward.ForwarderException;
import org.xdp4j.engine.forward.MapView;
import org.xdp4j.engine.plan.ProgramPlan;
import org.xdp4j.net.stack.Router;

/** A forwarder as the control plane sees it. */
public final class ForwarderDataplane implements Dataplane {
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
  public Router router() {
    return forwarder.router();
  }

  @Override
  public synchronized void attach(NewProgram program, boolean mayReplace)
      throws DataplaneException {
    requirePort(program.port());
    ProgramPlan current = on(program.port());
    if (current != null && !mayReplace) {
      throw DataplaneException.refused(
          "port " + program.port() + " has a program already, " + current.name(), null);
    }
    Path file = keep(program);
    try {
      ProgramPlan plan =
          new ProgramPlan(
              name(program, current),
              file,
              program.function() == null ? List.of() : List.of(program.function()),
              List.of(program.port()),
              program.maps(),
              current == null ? List.of() : current.pinned());
      forwarder.programs().replace(program.port(), plan);
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
    throw DataplaneException.refused("this daemon cannot capture", null);
  }

  @Override
  public Subscription trace(TraceRequest request, Consumer<TracedFrame> sink)
      throws DataplaneException {
    throw DataplaneException.refused("this daemon cannot trace", null);
  }

  @Override
  public Subscription events(Consumer<Event> sink) {
    long missedBefore = forwarder.missedEvents();
    AutoCloseable listening = forwarder.events(event -> sink.accept(event(event)));
    return new Subscription() {
      @Override
      public long lost() {
        return forwarder.missedEvents() - missedBefore;
      }

      @Override
      public void close() {
        try {
          listening.close();
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
      }
    };
  }

  private static Event event(ForwarderEvent event) {
    String time = event.time().toString();
    return switch (event) {
      case ForwarderEvent.Printk e ->
          new Event("printk", time, null, e.worker(), e.text().stripTrailing(), null, null);
      case ForwarderEvent.Perf e ->
          new Event("perf", time, e.map(), e.worker(), null, e.data(), null);
      case ForwarderEvent.RingRecord e ->
          new Event("ringbuf", time, e.map(), null, null, e.data(), null);
      case ForwarderEvent.Link e ->
          new Event("link", time, e.port(), null, JsonWriter.name(e.state()), null, null);
      case ForwarderEvent.Applied e -> new Event("applied", time, null, null, null, null, null);
      case ForwarderEvent.WorkerFailed e ->
          new Event("worker-failed", time, null, e.worker(), e.reason(), null, null);
    };
  }

  /** Forgets the objects that clients sent; the forwarder goes on. */
  @Override
  public void close() {
    uploads.close();
  }
}
