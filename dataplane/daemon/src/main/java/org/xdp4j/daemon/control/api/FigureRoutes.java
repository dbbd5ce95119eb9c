package org.xdp4j.daemon.control.api;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.xdp4j.daemon.control.http.Reply;
import org.xdp4j.daemon.control.http.Request;
import org.xdp4j.daemon.control.http.Route;
import org.xdp4j.daemon.control.metrics.Metrics;
import org.xdp4j.daemon.control.view.Dataplane;
import org.xdp4j.daemon.control.view.Figures;

/** Figures: all of one moment, or a part of them; and the same as metrics. */
final class FigureRoutes {
  private final Dataplane dataplane;

  FigureRoutes(Dataplane dataplane) {
    this.dataplane = dataplane;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/healthz", FigureRoutes::health).open(),
        Route.get("/metrics", this::metrics),
        Route.get("/v1/figures", request -> Reply.json(dataplane.figures())),
        part("/v1/balance", Figures::balance),
        part("/v1/actions", Figures::actions),
        part("/v1/ports", Figures::ports),
        Route.get("/v1/drops", this::drops),
        part("/v1/workers", Figures::workers),
        part("/v1/programs", Figures::programs),
        part("/v1/punts", Figures::punts),
        part("/v1/latency", Figures::latency));
  }

  private Route part(String path, Function<Figures, Object> part) {
    return Route.get(path, request -> Reply.json(part.apply(dataplane.figures())));
  }

  private static Reply health(Request request) {
    return Reply.json(Map.of("status", "ok"));
  }

  /** Drops come with the balance of the same moment, which they are a part of. */
  private Reply drops(Request request) {
    Figures figures = dataplane.figures();
    Map<String, Object> reply = new LinkedHashMap<>();
    reply.put("drops", figures.drops());
    reply.put("balance", figures.balance());
    return Reply.json(reply);
  }

  private Reply metrics(Request request) {
    Metrics.Page page = Metrics.page(dataplane.figures(), request.accept());
    return Reply.whole(200, page.contentType(), page.text().getBytes(StandardCharsets.UTF_8));
  }
}
