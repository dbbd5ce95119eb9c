package org.xdp4j.daemon.control.http;

import java.util.List;
import java.util.Map;
import org.xdp4j.daemon.control.json.JsonException;
import org.xdp4j.daemon.control.json.JsonReader;

/**
 * One request that has a route and may be answered.
 *
 * @param path the variables of the route's path
 * @param query the parameters behind the question mark, in their order
 * @param accept what the client takes; empty for anything
 * @param contentType what the body is; empty when it did not say
 * @param body the whole body
 */
public record Request(
    Map<String, String> path,
    Map<String, List<String>> query,
    String accept,
    String contentType,
    byte[] body) {
  /** A variable of the path. */
  public String variable(String name) {
    return path.get(name);
  }

  /** A parameter; null when it is not given. */
  public String text(String name) throws Problem {
    List<String> values = query.getOrDefault(name, List.of());
    if (values.size() > 1) {
      throw Problem.bad("the parameter " + name + " is given more than once");
    }
    return values.isEmpty() ? null : values.getFirst();
  }

  /** A parameter that must be given. */
  public String required(String name) throws Problem {
    String value = text(name);
    if (value == null || value.isEmpty()) {
      throw Problem.bad("the parameter " + name + " is missing");
    }
    return value;
  }

  /** A whole number from {@code least} to {@code most}. */
  public long number(String name, long least, long most, long otherwise) throws Problem {
    String value = text(name);
    if (value == null) {
      return otherwise;
    }
    if (value.matches("[0-9]{1,18}")) {
      long number = Long.parseLong(value);
      if (number >= least && number <= most) {
        return number;
      }
    }
    throw Problem.bad(
        "the parameter " + name + " is a number from " + least + " to " + most + ", not " + value);
  }

  /** A parameter that is true or false; false when it is not given. */
  public boolean flag(String name) throws Problem {
    return switch (text(name)) {
      case null -> false;
      case "true" -> true;
      case "false" -> false;
      default -> throw Problem.bad("the parameter " + name + " is true or false");
    };
  }

  /** The body as a JSON object. */
  public Map<String, Object> json() throws Problem {
    String type = contentType.split(";", 2)[0].strip();
    if (!type.equalsIgnoreCase("application/json")) {
      throw Problem.of(415, "the body must be application/json");
    }
    try {
      return JsonReader.readObject(body);
    } catch (JsonException e) {
      throw Problem.bad("the body cannot be used: " + e.getMessage());
    }
  }

  /** Whether the client asks for this media type by its name. */
  public boolean accepts(String mediaType) {
    return accept.contains(mediaType);
  }
}
