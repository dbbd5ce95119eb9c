package org.xdp4j.bpf.map;

/** A map cannot be made. The message is one sentence that names the map and says why. */
public final class MapException extends Exception {
  private static final long serialVersionUID = 1L;

  public MapException(String message) {
    super(message);
  }

  public MapException(String message, Throwable cause) {
    super(message, cause);
  }

  static MapException of(MapSpec spec, String reason) {
    return new MapException("map '" + spec.name() + "' " + reason);
  }
}
