package org.xdp4j.daemon.cli;

import java.util.List;
import java.util.Map;

/**
 * An object of a daemon's answer.
 *
 * @param members its members
 */
record Node(Map<?, ?> members) {
  /** The object; an empty one when it is none. */
  static Node of(Object value) {
    return new Node(value instanceof Map<?, ?> map ? map : Map.of());
  }

  /** The objects of an array; none when it is none. */
  static List<Node> all(Object value) {
    return value instanceof List<?> list ? list.stream().map(Node::of).toList() : List.of();
  }

  /** A member as text; empty when it is null or not there. */
  String text(String name) {
    Object value = members.get(name);
    return value == null ? "" : value.toString();
  }

  /** A member as a whole number. */
  long number(String name) {
    return members.get(name) instanceof Number number ? number.longValue() : 0;
  }

  /** A member as a count for people. */
  String count(String name) {
    return Units.count(number(name));
  }

  /** A member as a number. */
  double real(String name) {
    return members.get(name) instanceof Number number ? number.doubleValue() : 0;
  }

  /** A member as an object. */
  Node node(String name) {
    return of(members.get(name));
  }

  /** A member as objects. */
  List<Node> nodes(String name) {
    return all(members.get(name));
  }

  /** A member's texts, with something between them. */
  String joined(String name, String between) {
    return members.get(name) instanceof List<?> list
        ? String.join(between, list.stream().map(String::valueOf).toList())
        : "";
  }
}
