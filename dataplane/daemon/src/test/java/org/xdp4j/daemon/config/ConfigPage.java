package org.xdp4j.daemon.config;

import java.nio.file.Path;
import org.xdp4j.daemon.config.schema.Key;
import org.xdp4j.daemon.config.schema.Section;

/** {@code dataplane/daemon/CONFIG.md}: written from the sections' declarations. */
final class ConfigPage {
  static final Path ROOT = Path.of(System.getProperty("xdp4j.root"));
  static final Path FILE = ROOT.resolve("dataplane/daemon/CONFIG.md");
  static final Path EXAMPLE = ROOT.resolve("dataplane/daemon/example.toml");

  private static final String HEAD =
      """
      # The configuration file

      `xdp4j run --config FILE` runs what a file declares, `xdp4j check FILE` names everything that is wrong with one,
      `xdp4j reload` (or SIGHUP) has a running daemon read its file again: it changes to what the file says as one
      transaction, or refuses it whole and goes on as before. Ports, routes, programs and all else that stays the same goes on
      undisturbed.

      This page is written from the declarations the file is read by; a test fails when it is stale. To write it again:
      `mvn -B test -pl dataplane/daemon -am -Dtest=ConfigPageTest -Dsurefire.failIfNoSpecifiedTests=false -Dxdp4j.write=true`.

      The file is [TOML](https://toml.io/en/v1.0.0), UTF-8, up to 8 MiB. Files it names are found from its own folder. Names of
      sections are letters, digits and `.`, `:`, `_`, `-`. Where a list is wanted, one value without brackets will do. Sizes have
      the units B, KiB, MiB, GiB, TiB; durations ns, us, ms, s, min; bit rates bit/s, kbit/s, Mbit/s, Gbit/s; frame rates
      pps, kpps, Mpps.

      ## An example

      ```toml
      """;

  private ConfigPage() {}

  static String write(String example) {
    StringBuilder page = new StringBuilder(HEAD).append(example).append("```\n");
    ConfigFile.ROOT.sections().forEach(section -> write(section, page));
    return page.toString();
  }

  private static void write(Section section, StringBuilder page) {
    page.append("\n## `").append(heading(section)).append("`\n\n");
    page.append(wrap(section.meaning())).append("\n\n");
    keys(section, null, page);
    if (section == PortSection.SECTION) {
      PortSection.VARIANTS.forEach(
          (kind, variant) -> {
            page.append("\n### `type = \"").append(variant.path()).append("\"`\n\n");
            page.append(wrap(variant.meaning())).append("\n");
            if (variant.keys().size() > section.keys().size()) {
              page.append("\n");
              keys(variant, section, page);
            }
          });
    }
    section.sections().forEach(inner -> write(inner, page));
  }

  private static String heading(Section section) {
    return switch (section.kind()) {
      case LIST -> "[[" + section.path() + "]]";
      case NAMED -> "[" + section.path() + ".NAME]";
      default -> "[" + section.path() + "]";
    };
  }

  private static void keys(Section section, Section base, StringBuilder page) {
    page.append("| key | value | without it | meaning |\n|---|---|---|---|\n");
    for (Key<?> key : section.keys()) {
      if (base == null || !base.keys().contains(key)) {
        page.append("| `").append(key.name()).append("` | ");
        page.append(key.type().description().replace("|", "\\|")).append(" | ");
        page.append(key.isRequired() ? "*it is needed*" : key.fallbackText()).append(" | ");
        page.append(key.meaning()).append(" |\n");
      }
    }
  }

  private static String wrap(String text) {
    StringBuilder wrapped = new StringBuilder();
    int column = 0;
    for (String word : text.split(" ")) {
      if (column > 0 && column + 1 + word.length() > 120) {
        wrapped.append('\n');
        column = 0;
      }
      wrapped.append(column > 0 ? " " : "").append(word);
      column += word.length() + (column > 0 ? 1 : 0);
    }
    return wrapped.toString();
  }
}
