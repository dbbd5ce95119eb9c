package org.xdp4j.daemon.control.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.xdp4j.daemon.control.http.Problem;
import org.xdp4j.daemon.control.http.Reply;
import org.xdp4j.daemon.control.http.Request;
import org.xdp4j.daemon.control.http.Route;
import org.xdp4j.daemon.control.http.Routes;
import org.xdp4j.daemon.control.view.Dataplane;

/** All that may be asked for. */
public final class Api {
  /** Reads the configuration again and applies it. */
  @FunctionalInterface
  public interface Reload {
    /**
     * Applies the configuration as it is now, whole or not at all.
     *
     * @return what changed, in one sentence
     * @throws ReloadException when it is refused, and everything goes on as before
     */
    String reload() throws ReloadException;
  }

  /** Why a configuration was refused: its message, a line for each error. */
  public static final class ReloadException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Makes one. */
    public ReloadException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private final Dataplane dataplane;
  private final Reload reload;

  private Api(Dataplane dataplane, Reload reload) {
    this.dataplane = dataplane;
    this.reload = reload;
  }

  /**
   * The routes to a data plane.
   *
   * @param reload null when there is no configuration to read again
   */
  public static Routes routes(Dataplane dataplane, Reload reload) {
    return new Routes(new Api(dataplane, reload).all());
  }

  private List<Route> all() {
    List<Route> all = new ArrayList<>();
    all.addAll(new FigureRoutes(dataplane).routes());
    all.addAll(new MapRoutes(dataplane).routes());
    all.addAll(new FibRoutes(dataplane).routes());
    all.addAll(new ProgramRoutes(dataplane).routes());
    all.addAll(new StreamRoutes(dataplane).routes());
    all.addAll(PageRoutes.routes());
    all.add(Route.post("/v1/reload", this::reload).slowly());
    return all;
  }

  private Reply reload(Request request) throws Problem {
    if (reload == null) {
      throw Problem.conflict("this daemon was not started from a configuration file");
    }
    try {
      return Reply.json(Map.of("result", reload.reload()));
    } catch (ReloadException e) {
      throw Problem.refused(e.getMessage());
    }
  }
}
