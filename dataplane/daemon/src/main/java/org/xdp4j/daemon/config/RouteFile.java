package org.xdp4j.daemon.config;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.daemon.config.schema.Place;
import org.xdp4j.daemon.config.schema.Problems;
import org.xdp4j.daemon.config.schema.Suggestion;
import org.xdp4j.engine.plan.RoutePlan;
import org.xdp4j.engine.plan.RoutePlan.Hop;
import org.xdp4j.net.route.RouteType;
import org.xdp4j.net.wire.IpAddress;
import org.xdp4j.net.wire.IpPrefix;

/**
 * Reads a file of routes, a line each, in the words of {@code ip route}:
 *
 * <pre>
 *  198.51.100.0/24 via 10.0.2.2
 *  2001:db8::/32 via fe80::1 dev wan
 *  203.0.113.0/24 nexthop via 10.0.2.2 weight 2 nexthop via 10.0.3.2
 *  blackhole 192.0.2.0/24
 * </pre>
 *
 * Empty lines and what follows a # are skipped.
 */
final class RouteFile {
  private static final int MAX_WORDS = 512;

  private final String name;
  private final Scope scope;
  private final RouteList routes;

  /** A million routes have few different next hops: what was read once is used again. */
  private final Map<String, List<Hop>> known = new HashMap<>();

  private int line;

  private RouteFile(String name, Scope scope, RouteList routes) {
    this.name = name;
    this.scope = scope;
    this.routes = routes;
  }

  /** A line cannot be used. */
  private static final class BadLineException extends Exception {
    private static final long serialVersionUID = 1L;

    BadLineException(String message) {
      super(message, null, false, false);
    }
  }

  /** Reads one; what is wrong with it is reported with its own lines. */
  static void read(Path file, Scope scope, RouteList routes) throws IOException {
    new RouteFile(file.toString(), scope, routes).read(file);
  }

  private void read(Path file) throws IOException {
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      String text = reader.readLine();
      while (text != null && scope.problems().count() < Problems.MAX) {
        line++;
        int comment = text.indexOf('#');
        String plain = (comment < 0 ? text : text.substring(0, comment)).strip();
        if (!plain.isEmpty()) {
          add(plain);
        }
        text = reader.readLine();
      }
    } catch (CharacterCodingException e) {
      report("is not UTF-8 text");
    }
  }

  private void add(String plain) {
    try {
      routes.add(parse(plain), name, new Place(line, 1));
    } catch (BadLineException | IllegalArgumentException e) {
      report(e.getMessage());
    }
  }

  private void report(String reason) {
    scope.problems().addIn(name, new Place(Math.max(1, line), 1), "", reason);
  }

  private RoutePlan parse(String plain) throws BadLineException {
    int blank = blank(plain);
    String first = plain.substring(0, blank);
    RouteType type =
        switch (first) {
          case "unicast" -> RouteType.UNICAST;
          case "blackhole" -> RouteType.BLACKHOLE;
          case "unreachable" -> RouteType.UNREACHABLE;
          case "prohibit" -> RouteType.PROHIBIT;
          default -> null;
        };
    String rest = plain.substring(blank).strip();
    if (type != null) {
      blank = blank(rest);
      first = rest.substring(0, blank);
      rest = rest.substring(blank).strip();
    }
    IpPrefix prefix = prefix(first);
    if (type != null && type != RouteType.UNICAST) {
      if (!rest.isEmpty()) {
        throw new BadLineException("a route that leads nowhere has no '" + rest + "'");
      }
      return new RoutePlan(prefix, type, List.of());
    }
    List<Hop> hops = hops(rest);
    boolean mixed =
        prefix.address().isIpv6()
            && hops.stream().anyMatch(hop -> hop.gateway() != null && !hop.gateway().isIpv6());
    if (mixed) {
      throw new BadLineException("an IPv6 route has no IPv4 next hop");
    }
    return new RoutePlan(prefix, RouteType.UNICAST, hops);
  }

  private static int blank(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) <= ' ') {
        return i;
      }
    }
    return text.length();
  }

  private static IpPrefix prefix(String text) throws BadLineException {
    if (text.equals("default")) {
      throw new BadLineException("'default' does not say which family; write 0.0.0.0/0 or ::/0");
    }
    IpPrefix prefix = IpPrefix.parse(text);
    if (!prefix.equals(prefix.network())) {
      throw new BadLineException(
          prefix + " has bits set behind its length; the prefix is " + prefix.network());
    }
    return prefix;
  }

  private List<Hop> hops(String text) throws BadLineException {
    List<Hop> hops = known.get(text);
    if (hops == null) {
      hops = parseHops(text);
      known.put(text, hops);
    }
    return hops;
  }

  private List<Hop> parseHops(String text) throws BadLineException {
    String[] words = text.split("\\s+");
    if (text.isEmpty() || words.length > MAX_WORDS) {
      throw new BadLineException(
          text.isEmpty() ? "the route leads nowhere; write via or dev" : "too many next hops");
    }
    List<Hop> hops = new ArrayList<>();
    int at = 0;
    while (at < words.length) {
      boolean several = words[at].equals("nexthop");
      int end = several ? at + 1 : at;
      while (end < words.length && !words[end].equals("nexthop")) {
        end++;
      }
      if (!several && end < words.length) {
        throw new BadLineException("next hops are said twice");
      }
      hops.add(hop(words, several ? at + 1 : at, end));
      at = end;
    }
    return List.copyOf(hops);
  }

  private Hop hop(String[] words, int from, int end) throws BadLineException {
    IpAddress via = null;
    String device = null;
    int weight = 1;
    for (int i = from; i < end; i += 2) {
      if (i + 1 == end) {
        throw new BadLineException("'" + words[i] + "' has nothing behind it");
      }
      String value = words[i + 1];
      switch (words[i]) {
        case "via" -> via = IpAddress.parse(value);
        case "dev" -> device = device(value);
        case "weight" -> weight = weight(value);
        default ->
            throw new BadLineException(
                "'" + words[i] + "' is none of via, dev, weight and nexthop");
      }
    }
    if (via == null && device == null) {
      throw new BadLineException("the next hop leads nowhere; write via or dev");
    }
    String found = device != null ? device : routes.interfaceOf(via);
    if (found == null) {
      throw new BadLineException(via + " is on no interface's network; say which with dev");
    }
    return new Hop(found, via, weight);
  }

  private String device(String value) throws BadLineException {
    if (scope.interfaceNames.contains(value)) {
      return value;
    }
    throw new BadLineException(
        "there is no interface '" + value + "'; " + Suggestion.of(value, scope.interfaceNames));
  }

  private static int weight(String value) throws BadLineException {
    if (value.matches("[0-9]{1,5}") && Integer.parseInt(value) > 0) {
      return Integer.parseInt(value);
    }
    throw new BadLineException("'" + value + "' is no weight from 1 to 99999");
  }
}
