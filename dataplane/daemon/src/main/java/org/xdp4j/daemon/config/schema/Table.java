package org.xdp4j.daemon.config.schema;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/** One section as a file has it. */
public final class Table {
  private final TomlTable toml;
  private final Section section;
  private final Place place;
  private final String path;
  private final String name;
  private final Problems problems;

  private Table(
      TomlTable toml, Section section, Place place, String path, String name, Problems problems) {
    this.toml = toml;
    this.section = section;
    this.place = place;
    this.path = path;
    this.name = name;
    this.problems = problems;
  }

  /** A whole file. */
  static Table root(TomlTable toml, Section section, Problems problems) {
    Table table = new Table(toml, section, Place.START, "", "", problems);
    table.refuseUnknown();
    return table;
  }

  /** Where it begins. */
  public Place place() {
    return place;
  }

  /** Its name with those of the sections around it, as in {@code port.left}. */
  public String path() {
    return path;
  }

  /** Its own name, where sections have one. */
  public String name() {
    return name;
  }

  /** What it is, to be shown where it stands. */
  public <T> Located<T> locate(T value) {
    return new Located<>(value, place, path);
  }

  public Problems problems() {
    return problems;
  }

  /** Where it and each of its keys stand, by their paths. */
  public Map<String, Place> places() {
    Map<String, Place> places = new HashMap<>();
    places.put(path, place);
    toml.keySet().forEach(key -> places.put(pathOf(key), placeOf(key)));
    return places;
  }

  /** Reports what is wrong with the section as a whole. */
  public void report(String reason, String advice) {
    problems.add(place, path, reason, advice);
  }

  /** Reports what is wrong with one of its keys. */
  public void report(Key<?> key, String reason, String advice) {
    problems.add(placeOf(key.name()), pathOf(key.name()), reason, advice);
  }

  /** Whether it has this key. */
  public boolean has(Key<?> key) {
    return toml.get(List.of(key.name())) != null;
  }

  /** What this key says; what holds without it when it is missing or wrong, which may be null. */
  public <T> T get(Key<T> key) {
    return find(key).map(Located::value).orElse(key.fallback());
  }

  /** What this key says and where; empty when it is missing or wrong. */
  public <T> Optional<Located<T>> find(Key<T> key) {
    Object value = toml.get(List.of(key.name()));
    if (value == null) {
      if (key.isRequired()) {
        problems.add(place, path, "needs " + key.name() + ", " + key.type().description(), "");
      }
      return Optional.empty();
    }
    Located<Object> written = new Located<>(value, placeOf(key.name()), pathOf(key.name()));
    return Optional.ofNullable(key.type().readOrReport(written, problems)).map(written::with);
  }

  /** The elements of a list; none when it is missing. */
  public <T> List<Located<T>> list(Key<List<Located<T>>> key) {
    return find(key)
        .map(Located::value)
        .orElse(key.fallback() == null ? List.of() : key.fallback());
  }

  /** The same table with the keys of a variant; what that does not know is refused. */
  public Table as(Section variant) {
    Table table = new Table(toml, variant, place, path, name, problems);
    table.refuseUnknown();
    return table;
  }

  /** The section that is there once, if it is. */
  public Optional<Table> table(Section inner) {
    Object value = toml.get(List.of(inner.lastName()));
    return Optional.ofNullable(value).flatMap(any -> child(inner, any, "", true));
  }

  /** All sections of a kind, in the order of the file. */
  public List<Table> tables(Section inner) {
    return tables(inner, true);
  }

  /** The same without a check of their keys: each is to be read as one of the variants. */
  public List<Table> tablesOfVariants(Section inner) {
    return tables(inner, false);
  }

  private List<Table> tables(Section inner, boolean checked) {
    Object value = toml.get(List.of(inner.lastName()));
    List<Table> found = new ArrayList<>();
    switch (value) {
      case null -> {}
      case TomlTable names when inner.kind() == Section.Kind.NAMED -> {
        for (String each : inOrder(names)) {
          Place at = Toml.place(names.inputPositionOf(List.of(each)));
          Object entry = names.get(List.of(each));
          if (entry instanceof TomlTable table) {
            found.add(
                child(inner, table, at, pathOf(inner.lastName()) + "." + each, each, checked));
          } else {
            String shown = pathOf(inner.lastName());
            problems.add(at, shown + "." + each, "is no section", "write [" + shown + ".NAME]");
          }
        }
      }
      case TomlArray array when inner.kind() == Section.Kind.LIST -> {
        for (int i = 0; i < array.size(); i++) {
          Place at = Toml.place(array.inputPositionOf(i));
          String shown = pathOf(inner.lastName()) + "[" + i + "]";
          if (array.get(i) instanceof TomlTable table) {
            found.add(child(inner, table, at, shown, "", checked));
          } else {
            problems.add(at, shown, "is no section, but " + Toml.describe(array.get(i)), "");
          }
        }
      }
      default -> wrongKind(inner, value);
    }
    return found;
  }

  private static List<String> inOrder(TomlTable names) {
    return names.keySet().stream()
        .sorted(Comparator.comparing(each -> Toml.place(names.inputPositionOf(List.of(each)))))
        .toList();
  }

  private Optional<Table> child(Section inner, Object value, String ownName, boolean checked) {
    Place at = placeOf(inner.lastName());
    if (value instanceof TomlTable table) {
      return Optional.of(child(inner, table, at, pathOf(inner.lastName()), ownName, checked));
    }
    wrongKind(inner, value);
    return Optional.empty();
  }

  private Table child(
      Section inner, TomlTable table, Place at, String shown, String ownName, boolean checked) {
    Table child = new Table(table, inner, at, shown, ownName, problems);
    if (checked) {
      child.refuseUnknown();
    }
    return child;
  }

  private void wrongKind(Section inner, Object value) {
    String shown = pathOf(inner.lastName());
    String example =
        switch (inner.kind()) {
          case NAMED -> "[" + shown + ".NAME]";
          case LIST -> "[[" + shown + "]]";
          default -> "[" + shown + "]";
        };
    problems.add(
        placeOf(inner.lastName()),
        shown,
        "is " + Toml.describe(value) + ", not written as " + example,
        "");
  }

  private void refuseUnknown() {
    for (String each : toml.keySet()) {
      if (!section.knows(each)) {
        boolean isTable = toml.get(List.of(each)) instanceof TomlTable;
        problems.add(
            placeOf(each),
            pathOf(each),
            isTable ? "there is no such section" : noKey(),
            Suggestion.of(each, section.names()));
      }
    }
  }

  private String noKey() {
    return section.kind() == Section.Kind.VARIANT && !section.path().isEmpty()
        ? "of the type " + section.path() + " it has no such key"
        : "there is no such key";
  }

  private Place placeOf(String key) {
    return Toml.place(toml.inputPositionOf(List.of(key)));
  }

  private String pathOf(String key) {
    String shown = Toml.shorten(key);
    return path.isEmpty() ? shown : path + "." + shown;
  }
}
