package org.xdp4j.daemon.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;
import org.xdp4j.bpf.object.RunConfig;
import org.xdp4j.daemon.config.schema.BadValueException;
import org.xdp4j.daemon.config.schema.Located;
import org.xdp4j.daemon.config.schema.Place;
import org.xdp4j.daemon.config.schema.Problems;
import org.xdp4j.daemon.config.schema.Suggestion;
import org.xdp4j.daemon.config.schema.ValueType;

/** Where programs stand in a chain: a table of their names to what {@link RunConfig} reads. */
final class RunConfigs {
  static final ValueType<List<Located<String>>> TYPE =
      new ValueType<>("table of programs to priorities and actions", RunConfigs::read);

  private RunConfigs() {}

  /** Each as {@code PROGRAM=CONFIG}. */
  private static List<Located<String>> read(Located<Object> written, Problems problems)
      throws BadValueException {
    if (!(written.value() instanceof TomlTable table)) {
      throw new BadValueException(
          "is no table", "write [" + written.path() + "] and PROGRAM = \"10,XDP_PASS\"");
    }
    List<Located<String>> configs = new ArrayList<>();
    for (String name : table.keySet()) {
      TomlPosition position = table.inputPositionOf(List.of(name));
      Place place = position == null ? Place.START : new Place(position.line(), position.column());
      String path = written.path() + "." + name;
      switch (table.get(List.of(name))) {
        case String text -> configs.add(new Located<>(name + "=" + text, place, path));
        case Long priority -> configs.add(new Located<>(name + "=" + priority, place, path));
        default ->
            problems.add(
                place, path, "wants a priority, or a string", "write 10 or \"10,XDP_PASS,XDP_TX\"");
      }
    }
    return configs;
  }

  /** By program; what cannot be is reported. */
  static Map<String, String> check(
      List<Located<String>> configs, List<Located<String>> chain, Scope scope) {
    List<String> programs = chain.stream().map(Located::value).toList();
    Map<String, String> checked = new LinkedHashMap<>();
    for (Located<String> each : configs) {
      int equals = each.value().lastIndexOf('=');
      String program = each.value().substring(0, equals);
      String config = each.value().substring(equals + 1);
      if (!programs.contains(program)) {
        scope.report(
            each, "programs does not name '" + program + "'", Suggestion.of(program, programs));
        continue;
      }
      try {
        RunConfig.DEFAULT.override(config);
        checked.put(program, config);
      } catch (IllegalArgumentException e) {
        scope.report(each, e.getMessage(), "");
      }
    }
    return checked;
  }
}
