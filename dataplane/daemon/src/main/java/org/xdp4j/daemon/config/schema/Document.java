package org.xdp4j.daemon.config.schema;

import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;

/** Reads the text of a file. */
public final class Document {
  private Document() {}

  /**
   * Reads TOML 1.0; what is wrong with the text itself goes to {@code problems}, and the rest is
   * read all the same.
   */
  public static Table parse(String text, Section root, Problems problems) {
    TomlParseResult toml;
    try {
      toml = org.tomlj.Toml.parse(text, org.tomlj.TomlVersion.V1_0_0);
    } catch (RuntimeException | AssertionError | StackOverflowError e) {
      // The parser goes on after mistakes, and can lose its way.
      problems.add(
          Place.START, "", "is too broken to be read as TOML", "look for quotes that do not end");
      toml = org.tomlj.Toml.parse("");
    }
    for (TomlParseError error : toml.errors()) {
      problems.add(Toml.place(error.position()), "", withoutPosition(error.getMessage()), "");
    }
    return Table.root(toml, root, problems);
  }

  private static String withoutPosition(String message) {
    return String.valueOf(message).replaceFirst(" \\(line \\d+, column \\d+\\)$", "");
  }
}
