package org.xdp4j.daemon.config.schema;

/**
 * Something a file says, and where.
 *
 * @param value what it says
 * @param place where it stands
 * @param path the key it stands for, as in {@code interface.lan.addresses[1]}
 */
public record Located<T>(T value, Place place, String path) {
  /** Another value at the same place. */
  public <U> Located<U> with(U other) {
    return new Located<>(other, place, path);
  }
}
