package org.xdp4j.daemon.control.http;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.LinkedHashMap;
import java.util.Map;
import org.xdp4j.daemon.control.json.JsonWriter;

/** Why a request is not done: a status and one sentence (RFC 9457, problem details). */
public final class Problem extends Exception {
  private static final long serialVersionUID = 1L;

  /** The media type of what a client gets. */
  public static final String MEDIA_TYPE = "application/problem+json";

  private final int status;
  private final transient Map<String, String> headers = new LinkedHashMap<>();

  private Problem(int status, String detail) {
    super(detail, null, false, false);
    this.status = status;
  }

  /** One of any status. */
  public static Problem of(int status, String detail) {
    return new Problem(status, detail);
  }

  /** 400: the request cannot be understood. */
  public static Problem bad(String detail) {
    return new Problem(400, detail);
  }

  /** 404: there is no such thing. */
  public static Problem missing(String detail) {
    return new Problem(404, detail);
  }

  /** 409: it is understood, but cannot be done as things are. */
  public static Problem conflict(String detail) {
    return new Problem(409, detail);
  }

  /** 422: it is well-formed, but refused: a program that is not safe, a value that does not fit. */
  public static Problem refused(String detail) {
    return new Problem(422, detail);
  }

  /** The same with a header field. */
  public Problem with(String header, String value) {
    headers.put(header, value);
    return this;
  }

  /** The status of the response. */
  public int status() {
    return status;
  }

  /** Header fields of the response. */
  Map<String, String> headers() {
    return headers;
  }

  /** The body of the response. */
  byte[] body() {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("type", "about:blank");
    members.put("title", HttpResponseStatus.valueOf(status).reasonPhrase());
    members.put("status", status);
    members.put("detail", getMessage());
    return JsonWriter.line(members);
  }
}
