package org.xdp4j.daemon.config;

import java.nio.file.Path;
import org.xdp4j.daemon.config.schema.Values.Endpoint;

/**
 * How the process around a forwarder lives.
 *
 * @param control how it is talked to
 * @param user whom it belongs to once its ports are open; null to stay
 * @param log the least that is logged
 */
public record DaemonSettings(Control control, String user, System.Logger.Level log) {

  /**
   * How it is talked to.
   *
   * @param socket the AF_UNIX socket; null for none
   * @param http where HTTP is served; null for nowhere
   * @param tokenFile the file that holds the token HTTP clients show; null for none
   * @param writable whether HTTP clients with a token may change things
   * @param certificate the certificate chain for TLS, PEM; null for no TLS
   * @param key its private key, PEM
   */
  public record Control(
      Path socket, Endpoint http, Path tokenFile, boolean writable, Path certificate, Path key) {
    /** None. */
    public static final Control NONE = new Control(null, null, null, false, null, null);
  }
}
