package org.xdp4j.daemon.config.schema;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A table of a file, or many of a kind, and the keys it may have. Declared as constants, before any
 * file is read.
 */
public final class Section {
  /** How a section is written. */
  public enum Kind {
    /** Once, as {@code [name]}. */
    TABLE,
    /** Many, each with a name of its own, as {@code [name.NAME]}. */
    NAMED,
    /** Many in order, as {@code [[name]]}. */
    LIST,
    /** A part of another section that has more keys than all of its kind. */
    VARIANT
  }

  private final Kind kind;
  private final String path;
  private final String meaning;
  private final Map<String, Key<?>> keys = new LinkedHashMap<>();
  private final Map<String, Section> sections = new LinkedHashMap<>();

  private Section(Kind kind, String path, String meaning) {
    this.kind = kind;
    this.path = path;
    this.meaning = meaning;
  }

  /** The whole file: sections and keys that stand in none. */
  public static Section root(String meaning) {
    return new Section(Kind.TABLE, "", meaning);
  }

  /** A section that is there once; {@code meaning} is Markdown. */
  public static Section table(String path, String meaning) {
    return new Section(Kind.TABLE, path, meaning);
  }

  /** Sections with names. */
  public static Section named(String path, String meaning) {
    return new Section(Kind.NAMED, path, meaning);
  }

  /** Sections in order. */
  public static Section list(String path, String meaning) {
    return new Section(Kind.LIST, path, meaning);
  }

  /** A section like {@code base}, with keys of its own besides. */
  public static Section variant(Section base, String which, String meaning) {
    Section variant = new Section(Kind.VARIANT, which, meaning);
    variant.keys.putAll(base.keys);
    variant.sections.putAll(base.sections);
    return variant;
  }

  /** A section with the keys of all these variants: for what does not say which it is. */
  public static Section anyOf(Section base, Iterable<Section> variants) {
    Section any = variant(base, "", base.meaning);
    variants.forEach(each -> any.keys.putAll(each.keys));
    return any;
  }

  /** Adds a section to it. */
  public Section with(Section inner) {
    sections.put(inner.lastName(), inner);
    return this;
  }

  /** Adds a key that must be there. */
  public <T> Key<T> required(String name, ValueType<T> type, String text) {
    return add(new Key<>(name, type, null, "", true, text));
  }

  /** Adds a key that may be left out; what holds then is in {@code without}. */
  public <T> Key<T> optional(String name, ValueType<T> type, String without, String text) {
    return add(new Key<>(name, type, null, without, false, text));
  }

  /** Adds a key with a default. */
  public <T> Key<T> defaulted(String name, ValueType<T> type, T fallback, String text) {
    return defaulted(name, type, fallback, "`" + fallback + "`", text);
  }

  /** Adds a key with a default that is written otherwise than Java does. */
  public <T> Key<T> defaulted(
      String name, ValueType<T> type, T fallback, String shown, String text) {
    return add(new Key<>(name, type, fallback, shown, false, text));
  }

  private <T> Key<T> add(Key<T> key) {
    keys.put(key.name(), key);
    return key;
  }

  public Kind kind() {
    return kind;
  }

  /** Its name with those of the sections around it. */
  public String path() {
    return path;
  }

  String lastName() {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  public String meaning() {
    return meaning;
  }

  /** Its keys, in the order they were declared. */
  public Collection<Key<?>> keys() {
    return Collections.unmodifiableCollection(keys.values());
  }

  /** The sections in it. */
  public Collection<Section> sections() {
    return Collections.unmodifiableCollection(sections.values());
  }

  boolean knows(String name) {
    return keys.containsKey(name) || sections.containsKey(name);
  }

  Collection<String> names() {
    return Stream.concat(keys.keySet().stream(), sections.keySet().stream()).toList();
  }
}
