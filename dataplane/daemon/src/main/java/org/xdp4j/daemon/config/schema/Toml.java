package org.xdp4j.daemon.config.schema;

import org.tomlj.TomlArray;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/** What TOML's values are called, and where they stand. */
final class Toml {
  private static final int MAX_SHOWN = 40;

  private Toml() {}

  static Place place(TomlPosition position) {
    return position == null ? Place.START : new Place(position.line(), position.column());
  }

  static String describe(Object value) {
    return switch (value) {
      case String text -> "the string \"" + shorten(text) + "\"";
      case Long number -> "the number " + number;
      case Double number -> "the number " + number;
      case Boolean bool -> "" + bool;
      case TomlArray array -> "a list";
      case TomlTable table -> "a table";
      case null -> "nothing";
      default -> "a date or time";
    };
  }

  /** No more of a text than a line of a terminal holds, without control characters. */
  static String shorten(String text) {
    String plain = text.replaceAll("\\p{Cntrl}", "?");
    return plain.length() <= MAX_SHOWN ? plain : plain.substring(0, MAX_SHOWN) + "...";
  }
}
