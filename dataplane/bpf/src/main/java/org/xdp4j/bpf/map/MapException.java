package org.xdp4j.bpf.map;

/**
 * A map cannot be made. The message is one sentence that names the map and says why, and what Linux
 * answers to it, where Linux refuses it too.
 */
public final class MapException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int error;

  public MapException(String message) {
    super(message);
    this.error = 0;
  }

  public MapException(String message, Throwable cause) {
    super(message, cause);
    this.error = 0;
  }

  private MapException(String message, int error) {
    super(message);
    this.error = error;
  }

  /** Linux allows it, and it cannot be made here. */
  static MapException of(MapSpec spec, String reason) {
    return new MapException("map '" + spec.name() + "' " + reason);
  }

  /** Linux answers {@code error} to it. */
  static MapException of(MapSpec spec, int error, String reason) {
    String answer = " (" + Errno.name(error) + ")";
    return new MapException("map '" + spec.name() + "' " + reason + answer, error);
  }

  /** The negative errno that {@code BPF_MAP_CREATE} answers in Linux; 0 where it has none. */
  public int error() {
    return error;
  }
}
