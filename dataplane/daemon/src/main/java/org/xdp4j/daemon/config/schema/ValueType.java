package org.xdp4j.daemon.config.schema;

import java.util.ArrayList;
import java.util.List;
import org.tomlj.TomlArray;

/**
 * How values of a key are written, and what they become.
 *
 * @param description for the reference page, as in "size in bytes"
 * @param reader makes a value of one of TOML's
 */
public record ValueType<T>(String description, Reader<T> reader) {
  private static final int MAX_TEXT = 4096;

  /** Makes a value of one of TOML's: String, Long, Double, Boolean, TomlArray, TomlTable... */
  @FunctionalInterface
  public interface Reader<T> {
    /** Reads it. What is wrong with a part of it may go to {@code problems}, with its place. */
    T read(Located<Object> written, Problems problems) throws BadValueException;
  }

  /** Makes a value of a string. */
  @FunctionalInterface
  public interface TextReader<T> {
    /** Reads it. */
    T read(String text) throws BadValueException;
  }

  /** A type whose values are written as strings. */
  public static <T> ValueType<T> ofText(String description, TextReader<T> reader) {
    return new ValueType<>(
        description,
        (written, problems) -> {
          if (written.value() instanceof String text) {
            if (text.length() > MAX_TEXT) {
              throw new BadValueException(
                  "is "
                      + text.length()
                      + " characters long, more than the "
                      + MAX_TEXT
                      + " it can");
            }
            return reader.read(text);
          }
          throw wrong(description, written.value());
        });
  }

  /** A list of values; one alone may be written without brackets. */
  public static <T> ValueType<List<Located<T>>> listOf(ValueType<T> element) {
    return new ValueType<>(
        "list of " + element.description(),
        (written, problems) -> {
          List<Located<T>> list = new ArrayList<>();
          if (!(written.value() instanceof TomlArray array)) {
            list.add(written.with(element.reader.read(written, problems)));
            return list;
          }
          for (int i = 0; i < array.size(); i++) {
            Located<Object> each =
                new Located<>(
                    array.get(i),
                    Toml.place(array.inputPositionOf(i)),
                    written.path() + "[" + i + "]");
            T value = element.readOrReport(each, problems);
            if (value != null) {
              list.add(each.with(value));
            }
          }
          return list;
        });
  }

  /** The same with at least one. */
  public static <T> ValueType<List<Located<T>>> nonEmptyListOf(ValueType<T> element) {
    ValueType<List<Located<T>>> list = listOf(element);
    return new ValueType<>(
        list.description(),
        (written, problems) -> {
          if (written.value() instanceof TomlArray array && array.isEmpty()) {
            throw new BadValueException("is empty", "name at least one, or leave the key out");
          }
          return list.reader.read(written, problems);
        });
  }

  /** Reads a value, or reports what is wrong with it and returns null. */
  public T readOrReport(Located<Object> written, Problems problems) {
    try {
      return reader.read(written, problems);
    } catch (BadValueException e) {
      problems.add(written.place(), written.path(), e.getMessage(), e.advice());
    } catch (IllegalArgumentException e) {
      problems.add(written.place(), written.path(), String.valueOf(e.getMessage()), "");
    }
    return null;
  }

  static BadValueException wrong(String wanted, Object found) {
    return new BadValueException("wants " + wanted + ", not " + Toml.describe(found));
  }
}
