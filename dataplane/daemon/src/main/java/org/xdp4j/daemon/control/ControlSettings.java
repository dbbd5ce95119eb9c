package org.xdp4j.daemon.control;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;

/**
 * Where the control plane listens.
 *
 * @param socket the AF_UNIX socket; null for none
 * @param http TCP; null for none
 */
public record ControlSettings(Path socket, Http http) {
  /** The environment variable that names the socket for daemon and command line. */
  public static final String SOCKET_VARIABLE = "XDP4J_SOCKET";

  /** Characters a token has at least: 128 bits in hexadecimal are 32. */
  public static final int MIN_TOKEN = 16;

  /** The socket at its usual place, and nothing else. */
  public static ControlSettings defaults() {
    return new ControlSettings(defaultSocket(), null);
  }

  /**
   * Where the socket is when nobody says: {@code XDP4J_SOCKET}, else {@code
   * $XDG_RUNTIME_DIR/xdp4j.sock}, else {@code /run/xdp4j/control.sock}.
   */
  public static Path defaultSocket() {
    String named = System.getenv(SOCKET_VARIABLE);
    if (named != null && !named.isEmpty()) {
      return Path.of(named);
    }
    String runtime = System.getenv("XDG_RUNTIME_DIR");
    boolean root = "root".equals(System.getProperty("user.name"));
    return runtime != null && !runtime.isEmpty() && !root
        ? Path.of(runtime, "xdp4j.sock")
        : Path.of("/run/xdp4j/control.sock");
  }

  /**
   * HTTP over TCP: the API, metrics and the web page.
   *
   * @param address where to listen; port 0 for any free one
   * @param token what clients must send, as {@code Authorization: Bearer TOKEN}
   * @param writable whether they may change anything, capture and trace; else they only look
   * @param certificate a PEM file with the server's certificate chain; null for no TLS
   * @param key a PEM file with its private key (PKCS #8); null for no TLS
   * @param names further names that clients know this server by
   */
  public record Http(
      InetSocketAddress address,
      String token,
      boolean writable,
      Path certificate,
      Path key,
      List<String> names) {
    /**
     * Checks what can be checked without opening anything.
     *
     * @throws IllegalArgumentException with one sentence
     */
    public Http {
      names = List.copyOf(names);
      require(!address.isUnresolved(), "there is no address of " + address.getHostString());
      require(
          token != null && token.length() >= MIN_TOKEN && token.chars().allMatch(Http::isTokenPart),
          "the token has "
              + MIN_TOKEN
              + " or more characters: letters, digits and - . _ ~ + / = (RFC 6750)");
      require(
          certificate == null == (key == null),
          "TLS needs a certificate and its key, and only one of them is given");
      require(
          certificate != null || isLoopback(address.getAddress()),
          "HTTP on "
              + address.getAddress().getHostAddress()
              + " needs TLS (certificate and key), since it is not a loopback address");
    }

    private static void require(boolean holds, String otherwise) {
      if (!holds) {
        throw new IllegalArgumentException(otherwise);
      }
    }

    private static boolean isTokenPart(int c) {
      return c >= 'a' && c <= 'z'
          || c >= 'A' && c <= 'Z'
          || c >= '0' && c <= '9'
          || "-._~+/=".indexOf(c) >= 0;
    }

    private static boolean isLoopback(InetAddress address) {
      return address.isLoopbackAddress();
    }

    /** Read-only on a loopback address, without TLS. */
    public static Http onLoopback(int port, String token) {
      return new Http(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
          token,
          false,
          null,
          null,
          List.of());
    }

    /** The same, with or without the right to change things. */
    public Http withWritable(boolean may) {
      return new Http(address, token, may, certificate, key, names);
    }
  }
}
