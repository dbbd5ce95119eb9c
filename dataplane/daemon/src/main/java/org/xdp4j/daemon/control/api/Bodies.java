package org.xdp4j.daemon.control.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.xdp4j.daemon.control.http.Problem;

/** Reads members of requests' JSON. */
final class Bodies {
  private Bodies() {}

  /** Refuses members that nobody knows, since a misspelt one would be silently left out. */
  static Map<String, Object> only(Map<String, Object> body, String... known) throws Problem {
    for (String name : body.keySet()) {
      if (!List.of(known).contains(name)) {
        throw Problem.bad(
            "there is no member '" + name + "' here, only " + String.join(", ", known));
      }
    }
    return body;
  }

  /** A string or a number; null when it is not there. */
  static String text(Map<String, Object> body, String name) throws Problem {
    return text(body.get(name), name);
  }

  private static String text(Object value, String name) throws Problem {
    return switch (value) {
      case null -> null;
      case String string -> string;
      case Long number -> number.toString();
      default -> throw Problem.bad("the member '" + name + "' is text or a whole number");
    };
  }

  /** Strings or numbers; none when they are not there. */
  static List<String> texts(Map<String, Object> body, String name) throws Problem {
    Object value = body.get(name);
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof List<?> list)) {
      throw Problem.bad("the member '" + name + "' is a list");
    }
    List<String> texts = new ArrayList<>();
    for (Object element : list) {
      String text = text(element, name);
      if (text == null) {
        throw Problem.bad("the member '" + name + "' has an element that is null");
      }
      texts.add(text);
    }
    return texts;
  }

  /** A whole number in a range. */
  static long number(Map<String, Object> body, String name, long least, long most, long otherwise)
      throws Problem {
    Object value = body.get(name);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof Long number && number >= least && number <= most) {
      return number;
    }
    throw Problem.bad("the member '" + name + "' is a whole number from " + least + " to " + most);
  }
}
