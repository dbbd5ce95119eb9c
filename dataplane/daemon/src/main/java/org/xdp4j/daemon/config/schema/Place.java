package org.xdp4j.daemon.config.schema;

/**
 * Where in a file something stands.
 *
 * @param line from 1
 * @param column from 1
 */
public record Place(int line, int column) implements Comparable<Place> {
  /** The beginning of a file: for what is wrong with it as a whole. */
  public static final Place START = new Place(1, 1);

  @Override
  public int compareTo(Place other) {
    return line != other.line
        ? Integer.compare(line, other.line)
        : Integer.compare(column, other.column);
  }

  @Override
  public String toString() {
    return line + ":" + column;
  }
}
