package org.xdp4j.daemon.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.tomlj.TomlArray;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;
import org.xdp4j.daemon.config.schema.BadValueException;
import org.xdp4j.daemon.config.schema.Located;
import org.xdp4j.daemon.config.schema.Place;
import org.xdp4j.daemon.config.schema.Problems;
import org.xdp4j.daemon.config.schema.ValueType;

/**
 * What a program's maps hold before the first frame: a table of names to entries becomes
 * assignments {@code NAME=ENTRY}, one each.
 */
final class MapContents {
  static final ValueType<List<Located<String>>> TYPE =
      new ValueType<>("table of names to entries", MapContents::read);

  private MapContents() {}

  private static List<Located<String>> read(Located<Object> written, Problems problems)
      throws BadValueException {
    if (!(written.value() instanceof TomlTable table)) {
      throw new BadValueException(
          "is no table", "write [" + written.path() + "] and NAME = \"ENTRY\"");
    }
    List<Located<String>> assignments = new ArrayList<>();
    for (String name : table.keySet()) {
      Place place = place(table.inputPositionOf(List.of(name)));
      Located<Object> entry =
          new Located<>(table.get(List.of(name)), place, written.path() + "." + name);
      if (name.isBlank() || name.indexOf('=') >= 0) {
        problems.add(place, entry.path(), "is no name of a map or variable", "");
      } else if (entry.value() instanceof TomlArray array) {
        for (int i = 0; i < array.size(); i++) {
          Place at = place(array.inputPositionOf(i));
          add(
              name,
              new Located<>(array.get(i), at, entry.path() + "[" + i + "]"),
              assignments,
              problems);
        }
      } else {
        add(name, entry, assignments, problems);
      }
    }
    return assignments;
  }

  private static void add(
      String name, Located<Object> entry, List<Located<String>> to, Problems problems) {
    switch (entry.value()) {
      case String text -> to.add(entry.with(name + "=" + text));
      case Long number -> to.add(entry.with(name + "=" + number));
      case Boolean bool -> to.add(entry.with(name + "=" + (bool ? 1 : 0)));
      default ->
          problems.add(
              entry.place(), entry.path(), "wants a string", "write \"KEY=VALUE\" or \"VALUE\"");
    }
  }

  private static Place place(TomlPosition position) {
    return position == null ? Place.START : new Place(position.line(), position.column());
  }

  /** The same with files found relative to the configuration's. */
  static List<Located<String>> resolve(List<Located<String>> assignments, Scope scope) {
    return assignments.stream().map(each -> each.with(resolve(each, scope))).toList();
  }

  private static String resolve(Located<String> assignment, Scope scope) {
    String text = assignment.value();
    int file = text.indexOf("=@") + 2;
    if (file < 2 || file != text.indexOf('=') + 2) {
      return text;
    }
    try {
      return text.substring(0, file) + scope.resolve(Path.of(text.substring(file)));
    } catch (InvalidPathException e) {
      scope.report(assignment, "'" + text.substring(file) + "' is no file's name", "");
      return text;
    }
  }
}
