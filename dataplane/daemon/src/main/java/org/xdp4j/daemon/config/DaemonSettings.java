package org.xdp4j.daemon.config;

import java.nio.file.Path;
import java.util.List;
import org.xdp4j.daemon.config.schema.Values.Endpoint;

/**
 * How the process around a forwarder lives.
 *
 * @param control how it is talked to
 * @param user whom it belongs to once its ports are open; null to stay
 * @param log the least that is logged
 * @param nice how much all threads but the workers give way to others (nice(2)); 0 for not at all
 */
public record DaemonSettings(Control control, String user, System.Logger.Level log, int nice) {

  /**
   * How it is talked to.
   *
   * @param hasSocket whether there is an AF_UNIX socket
   * @param socket where it is; null for its usual place
   * @param http where HTTP is served; null for nowhere
   * @param tokenFile the file that holds the token HTTP clients show; null for none
   * @param writable whether HTTP clients with a token may change things
   * @param names further names that HTTP clients know the daemon by
   * @param certificate the certificate chain for TLS, PEM; null for no TLS
   * @param key its private key, PEM
   */
  public record Control(
      boolean hasSocket,
      Path socket,
      Endpoint http,
      Path tokenFile,
      boolean writable,
      List<String> names,
      Path certificate,
      Path key) {
    /** A socket at its usual place. */
    public static final Control DEFAULT =
        new Control(true, null, null, null, false, List.of(), null, null);

    /** Takes a copy of the list. */
    public Control {
      names = List.copyOf(names);
    }
  }
}
