package org.xdp4j.daemon.control.http;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Finds the route of a request. */
public final class Routes {
  private static final int MAX_PARAMETERS = 32;

  private final List<Route> routes;

  /** Makes one; among routes with the same method the first that fits is taken. */
  public Routes(List<Route> routes) {
    this.routes = List.copyOf(routes);
  }

  /** All of them. */
  public List<Route> all() {
    return routes;
  }

  /** A route and what the request's target says. */
  record Match(Route route, Map<String, String> variables, Map<String, List<String>> query) {}

  /** The route of a method and a request target in origin form (RFC 9112, section 3.2.1). */
  Match find(String method, String target) throws Problem {
    if (!target.startsWith("/")) {
      throw Problem.bad("the request's target must be a path");
    }
    QueryStringDecoder decoder =
        new QueryStringDecoder(target, StandardCharsets.UTF_8, true, MAX_PARAMETERS, true);
    try {
      List<String> segments = segments(decoder.rawPath());
      return match(method, segments, decoder);
    } catch (IllegalArgumentException e) {
      throw Problem.bad("the request's target has a broken percent-encoding");
    }
  }

  private static List<String> segments(String path) {
    List<String> segments = new ArrayList<>();
    for (String segment : path.substring(1).split("/", -1)) {
      // In a path a plus sign stands for itself.
      segments.add(QueryStringDecoder.decodeComponent(segment.replace("+", "%2B")));
    }
    return segments;
  }

  private Match match(String method, List<String> segments, QueryStringDecoder decoder)
      throws Problem {
    String wanted = method.equals("HEAD") ? "GET" : method;
    TreeSet<String> others = new TreeSet<>();
    for (Route route : routes) {
      Map<String, String> variables = fit(route, segments);
      if (variables != null && route.method().equals(wanted)) {
        Map<String, List<String>> query = decoder.parameters();
        requireKnown(route, query);
        return new Match(route, variables, query);
      }
      if (variables != null) {
        others.add(route.method());
      }
    }
    if (others.isEmpty()) {
      throw Problem.missing("there is nothing at this path");
    }
    throw Problem.of(405, "this path takes " + String.join(", ", others) + ", not this method")
        .with("Allow", String.join(", ", others));
  }

  private static void requireKnown(Route route, Map<String, List<String>> query) throws Problem {
    for (String name : query.keySet()) {
      if (!route.parameters().contains(name)) {
        throw Problem.bad(
            "there is no parameter '"
                + name
                + "' here"
                + (route.parameters().isEmpty()
                    ? ", nor any other"
                    : ", only " + String.join(", ", route.parameters())));
      }
    }
  }

  private static Map<String, String> fit(Route route, List<String> segments) {
    List<String> pattern = route.segments();
    if (pattern.size() != segments.size()) {
      return null;
    }
    Map<String, String> variables = new LinkedHashMap<>();
    for (int i = 0; i < pattern.size(); i++) {
      String part = pattern.get(i);
      if (part.startsWith("{")) {
        variables.put(part.substring(1, part.length() - 1), segments.get(i));
      } else if (!part.equals(segments.get(i))) {
        return null;
      }
    }
    return variables;
  }
}
