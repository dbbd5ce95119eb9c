package org.xdp4j.daemon.config;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;
import org.xdp4j.daemon.config.schema.BadValueException;
import org.xdp4j.daemon.config.schema.Located;
import org.xdp4j.daemon.config.schema.Place;
import org.xdp4j.daemon.config.schema.Problems;
import org.xdp4j.daemon.config.schema.ValueType;
import org.xdp4j.engine.plan.ProgramPlan;

/** Functions that programs of other objects replace: a table of these to objects. */
final class ReplacedFunctions {
  static final ValueType<List<Located<ProgramPlan.Replaced>>> TYPE =
      new ValueType<>("table of functions to objects", ReplacedFunctions::read);

  private ReplacedFunctions() {}

  private static List<Located<ProgramPlan.Replaced>> read(
      Located<Object> written, Problems problems) throws BadValueException {
    if (!(written.value() instanceof TomlTable table)) {
      throw new BadValueException(
          "is no table", "write [" + written.path() + "] and FUNCTION = \"FILE\"");
    }
    List<Located<ProgramPlan.Replaced>> all = new ArrayList<>();
    for (String name : table.keySet()) {
      TomlPosition position = table.inputPositionOf(List.of(name));
      Place place = position == null ? Place.START : new Place(position.line(), position.column());
      String path = written.path() + "." + name;
      if (!(table.get(List.of(name)) instanceof String by)) {
        problems.add(place, path, "wants a string", "write \"FILE\" or \"FILE:PROGRAM\"");
        continue;
      }
      try {
        all.add(new Located<>(replaced(name, by), place, path));
      } catch (InvalidPathException e) {
        problems.add(place, path, "'" + by + "' is no file's name", "");
      }
    }
    return all;
  }

  private static ProgramPlan.Replaced replaced(String name, String by) {
    int colon = name.indexOf(':');
    int behind = by.lastIndexOf(':');
    return new ProgramPlan.Replaced(
        colon < 0 ? null : name.substring(0, colon),
        name.substring(colon + 1),
        Path.of(behind < 0 ? by : by.substring(0, behind)),
        behind < 0 ? null : by.substring(behind + 1));
  }

  /** The same with files found relative to the configuration's; those that are not are reported. */
  static List<ProgramPlan.Replaced> resolve(List<Located<ProgramPlan.Replaced>> all, Scope scope) {
    List<ProgramPlan.Replaced> resolved = new ArrayList<>();
    for (Located<ProgramPlan.Replaced> each : all) {
      ProgramPlan.Replaced own = each.value();
      Path file = scope.resolve(own.object());
      if (!Files.isRegularFile(file)) {
        scope.report(each, FileReference.unreadable(file), "");
        continue;
      }
      resolved.add(new ProgramPlan.Replaced(own.program(), own.function(), file, own.by()));
    }
    return resolved;
  }
}
