package org.xdp4j.daemon.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.daemon.control.api.Api;
import org.xdp4j.daemon.control.http.Route;
import org.xdp4j.daemon.control.live.ForwarderDataplane;

/** The description says what there is, and what there is answers as the description says. */
class OpenApiTest {
  @TempDir static Path folder;
  private static Daemon daemon;
  private static Map<?, ?> document;

  @BeforeAll
  static void start() throws Exception {
    daemon = Daemon.rested(folder);
    try (Wire wire = daemon.connect(Wire.Over.UNIX)) {
      document = wire.get("/openapi.json").object();
    }
  }

  @AfterAll
  static void stop() {
    daemon.close();
  }

  private static Map<?, ?> member(Map<?, ?> in, String name) {
    return (Map<?, ?>) in.get(name);
  }

  private static Map<?, ?> operation(Map<?, ?> paths, String path, String method) {
    return member(member(paths, path), method.toLowerCase(Locale.ROOT));
  }

  /** Method and path, access, and query parameters of an operation. */
  private static String line(String method, String path, Object access, List<String> query) {
    return method.toUpperCase(Locale.ROOT) + " " + path + " " + access + " " + query;
  }

  @Test
  void itHasEveryRouteAndNoOther() {
    List<String> described = new ArrayList<>();
    member(document, "paths")
        .forEach(
            (path, item) ->
                ((Map<?, ?>) item)
                    .forEach(
                        (method, operation) -> {
                          Map<?, ?> op = (Map<?, ?>) operation;
                          described.add(
                              line(
                                  method.toString(),
                                  path.toString(),
                                  op.get("x-access"),
                                  parameters(op, "query")));
                        }));
    List<String> routed = new ArrayList<>();
    try (ForwarderDataplane dataplane = new ForwarderDataplane(daemon.forwarder())) {
      for (Route route : Api.routes(dataplane, null).all()) {
        routed.add(
            line(
                route.method(),
                route.path(),
                route.access().name().toLowerCase(Locale.ROOT),
                route.parameters()));
      }
    }
    assertThat(described).containsExactlyInAnyOrderElementsOf(routed);
  }

  private static List<String> parameters(Map<?, ?> operation, String place) {
    List<String> names = new ArrayList<>();
    if (operation.get("parameters") instanceof List<?> list) {
      for (Object parameter : list) {
        if (((Map<?, ?>) parameter).get("in").equals(place)) {
          names.add(((Map<?, ?>) parameter).get("name").toString());
        }
      }
    }
    return names;
  }

  @Test
  void pathsVariablesAreParametersAndBodiesAreDescribed() {
    try (ForwarderDataplane dataplane = new ForwarderDataplane(daemon.forwarder())) {
      for (Route route : Api.routes(dataplane, null).all()) {
        Map<?, ?> op = operation(member(document, "paths"), route.path(), route.method());
        List<String> variables = new ArrayList<>();
        for (String segment : route.path().split("/")) {
          if (segment.startsWith("{")) {
            variables.add(segment.substring(1, segment.length() - 1));
          }
        }
        assertThat(parameters(op, "path")).as(route.path()).isEqualTo(variables);
        assertThat(op.get("summary")).isNotNull();
        if (op.get("requestBody") != null) {
          assertThat(route.maxBody()).as(route.path()).isPositive();
        }
      }
    }
  }

  @Test
  void answersAreAsTheirSchemasSay() throws Exception {
    Map<String, String> examples = new TreeMap<>();
    examples.put("/v1/maps/{map}", "/v1/maps/ports");
    examples.put("/v1/maps/{map}/entries", "/v1/maps/decisions/entries");
    examples.put("/v1/maps/{map}/entry", "/v1/maps/decisions/entry?key=0");
    examples.put("/v1/fib/lookup", "/v1/fib/lookup?address=10.0.1.7");
    int checked = 0;
    try (Wire wire = daemon.connect(Wire.Over.UNIX)) {
      for (Object path : member(document, "paths").keySet()) {
        Map<?, ?> get = member(member(member(document, "paths"), path.toString()), "get");
        Map<?, ?> content = get == null ? null : json(get);
        if (content != null) {
          String target = examples.getOrDefault(path.toString(), path.toString());
          Wire.Answer answer = wire.get(target);
          assertThat(answer.status()).as(target).isEqualTo(200);
          check(target, member(content, "schema"), answer.json());
          checked++;
        }
      }
      check("problem", schema("Problem"), wire.get("/nowhere").json());
    }
    assertThat(checked).isGreaterThan(14);
  }

  private static Map<?, ?> json(Map<?, ?> operation) {
    Map<?, ?> response = member(member(operation, "responses"), "200");
    return member(member(response, "content"), "application/json");
  }

  private static Map<?, ?> schema(String name) {
    return member(member(member(document, "components"), "schemas"), name);
  }

  /** As much of JSON Schema as the description uses. */
  private static void check(String at, Map<?, ?> schema, Object value) {
    if (schema.get("$ref") instanceof String reference) {
      check(at, schema(reference.substring(reference.lastIndexOf('/') + 1)), value);
      return;
    }
    if (schema.get("oneOf") instanceof List<?> choices) {
      if (value != null) {
        check(at, (Map<?, ?>) choices.getFirst(), value);
      }
      return;
    }
    if (schema.get("type") != null) {
      List<?> types =
          schema.get("type") instanceof List<?> list ? list : List.of(schema.get("type"));
      assertThat(types).as(at).map(String::valueOf).contains(type(value, types));
    }
    if (schema.get("enum") instanceof List<?> allowed) {
      assertThat(allowed).as(at).map(String::valueOf).contains(String.valueOf(value));
    }
    if (value instanceof Map<?, ?> object && schema.get("properties") instanceof Map<?, ?> known) {
      assertThat(object.keySet())
          .as(at)
          .map(String::valueOf)
          .isSubsetOf(new LinkedHashMap<>(known).keySet().stream().map(String::valueOf).toList());
      assertThat(object.keySet())
          .as(at)
          .map(String::valueOf)
          .containsAll(((List<?>) schema.get("required")).stream().map(String::valueOf).toList());
      object.forEach((name, part) -> check(at + "." + name, member(known, name.toString()), part));
    }
    if (value instanceof List<?> list && schema.get("items") instanceof Map<?, ?> items) {
      for (int i = 0; i < list.size(); i++) {
        check(at + "[" + i + "]", items, list.get(i));
      }
    }
  }

  private static String type(Object value, List<?> allowed) {
    return switch (value) {
      case null -> "null";
      case Map<?, ?> object -> "object";
      case List<?> array -> "array";
      case String text -> "string";
      case Boolean flag -> "boolean";
      case Long whole -> allowed.contains("number") ? "number" : "integer";
      default -> "number";
    };
  }
}
