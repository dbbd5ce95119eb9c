package org.xdp4j.daemon.control.http;

import java.util.List;

/**
 * One thing a client may ask for.
 *
 * @param method GET, PUT, POST or DELETE
 * @param path segments, those in braces being variables: {@code /v1/maps/{map}}
 * @param access what the client must be allowed to do
 * @param maxBody the most bytes of a body; 0 for none
 * @param slow whether it may take long, so that it must not keep others waiting
 * @param parameters the query parameters it knows
 * @param handler what answers
 */
public record Route(
    String method,
    String path,
    Access access,
    int maxBody,
    boolean slow,
    List<String> parameters,
    Handler handler) {
  /** Bodies of JSON: batches of some thousand entries. */
  public static final int JSON_BODY = 1 << 20;

  /** Something to look at. */
  public static Route get(String path, Handler handler, String... parameters) {
    return new Route("GET", path, Access.READ, 0, false, List.of(parameters), handler);
  }

  /** Something to put in place, in JSON. */
  public static Route put(String path, Handler handler) {
    return new Route("PUT", path, Access.WRITE, JSON_BODY, false, List.of(), handler);
  }

  /** Something to do, told in JSON. */
  public static Route post(String path, Handler handler) {
    return new Route("POST", path, Access.WRITE, JSON_BODY, false, List.of(), handler);
  }

  /** Something to take away. */
  public static Route delete(String path, Handler handler, String... parameters) {
    return new Route("DELETE", path, Access.WRITE, 0, false, List.of(parameters), handler);
  }

  /** The same for anyone. */
  public Route open() {
    return with(Access.OPEN);
  }

  /** The same for clients that may do this. */
  public Route with(Access needed) {
    return new Route(method, path, needed, maxBody, slow, parameters, handler);
  }

  /** The same with this much of a body, and its query parameters. */
  public Route body(int most, String... known) {
    return new Route(method, path, access, most, slow, List.of(known), handler);
  }

  /** The same, taking long. */
  public Route slowly() {
    return new Route(method, path, access, maxBody, true, parameters, handler);
  }

  /** The segments of the path. */
  List<String> segments() {
    return List.of(path.substring(1).split("/", -1));
  }
}
