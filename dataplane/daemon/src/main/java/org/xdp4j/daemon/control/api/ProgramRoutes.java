package org.xdp4j.daemon.control.api;

import java.util.List;
import org.xdp4j.bpf.object.ObjectReader;
import org.xdp4j.daemon.control.http.Problem;
import org.xdp4j.daemon.control.http.Reply;
import org.xdp4j.daemon.control.http.Request;
import org.xdp4j.daemon.control.http.Route;
import org.xdp4j.daemon.control.view.Dataplane;
import org.xdp4j.daemon.control.view.DataplaneException;

/** Programs on ports: attached, replaced, detached. */
final class ProgramRoutes {
  private static final String PATH = "/v1/ports/{port}/program";

  private static final String[] QUERY = {"file", "program", "map"};

  private final Dataplane dataplane;

  ProgramRoutes(Dataplane dataplane) {
    this.dataplane = dataplane;
  }

  List<Route> routes() {
    return List.of(
        Route.post(PATH, request -> attach(request, false))
            .body(ObjectReader.MAX_FILE_SIZE, QUERY)
            .slowly(),
        Route.put(PATH, request -> attach(request, true))
            .body(ObjectReader.MAX_FILE_SIZE, QUERY)
            .slowly(),
        Route.delete(PATH, this::detach).slowly());
  }

  private Reply attach(Request request, boolean mayReplace) throws Problem {
    if (!request.contentType().equalsIgnoreCase("application/octet-stream")) {
      throw Problem.of(415, "the body must be an object file, as application/octet-stream");
    }
    String file = request.text("file");
    List<String> maps = request.query().getOrDefault("map", List.of());
    for (String map : maps) {
      if (map.contains("=@")) {
        throw Problem.bad("map entries are given as text here, not as a file of the daemon's");
      }
    }
    try {
      dataplane.attach(
          new Dataplane.NewProgram(
              request.body(),
              file == null ? "the object" : file,
              request.text("program"),
              request.variable("port"),
              maps),
          mayReplace);
      return Reply.done();
    } catch (DataplaneException e) {
      throw no(e);
    }
  }

  private Reply detach(Request request) throws Problem {
    try {
      dataplane.detach(request.variable("port"));
      return Reply.done();
    } catch (DataplaneException e) {
      throw no(e);
    }
  }

  /** What the data plane refuses, as a client gets to hear it. */
  static Problem no(DataplaneException e) {
    return switch (e.kind()) {
      case MISSING -> Problem.missing(e.getMessage());
      case CONFLICT -> Problem.conflict(e.getMessage());
      case REFUSED -> Problem.refused(e.getMessage());
    };
  }
}
