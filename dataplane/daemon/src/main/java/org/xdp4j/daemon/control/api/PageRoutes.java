package org.xdp4j.daemon.control.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import org.xdp4j.daemon.control.http.Reply;
import org.xdp4j.daemon.control.http.Route;

/**
 * The web page and the API's description. They hold no figures: the page's script asks the API for
 * them, with the token its user gives it.
 */
final class PageRoutes {
  /** Nothing from elsewhere, no script or style in the page's text, no frame around it. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private PageRoutes() {}

  static List<Route> routes() {
    return List.of(
        page("/", "page/index.html", "text/html; charset=utf-8"),
        page("/page.css", "page/page.css", "text/css; charset=utf-8"),
        page("/page.js", "page/page.js", "text/javascript; charset=utf-8"),
        page("/charts.js", "page/charts.js", "text/javascript; charset=utf-8"),
        page("/icon.svg", "page/icon.svg", "image/svg+xml"),
        page("/openapi.json", "openapi.json", "application/openapi+json"));
  }

  private static Route page(String path, String resource, String type) {
    byte[] content = read(resource);
    return Route.get(
            path,
            request ->
                Reply.whole(200, type, content)
                    .with("Content-Security-Policy", POLICY)
                    .with("Cross-Origin-Opener-Policy", "same-origin"))
        .open();
  }

  private static byte[] read(String resource) {
    try (InputStream in = PageRoutes.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + " is not in the jar");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
