package org.xdp4j.bpf.reference;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.xdp4j.bpf.Reference;
import org.xdp4j.bpf.Reference.Row;

/** {@code dataplane/bpf/HELPERS.md}: written from the tables. */
final class ReferencePage {
  private static final int TESTS_SHOWN = 2;

  private static final String HEAD =
      """
      # Helpers, map types and kernel functions

      Written from the tables that verifier, interpreter, compiler and maps use, and from what tests say they cover
      (`@Covers`, the verifier's rules, and the list of what is refused); a test fails when this page is stale, a row has
      no test, or what is built has only rules, which tell what is accepted and not what is answered. To write it again:
      `mvn -B test -pl dataplane/bpf -Dtest=ReferencePageTest -Dxdp4j.write=true`. `xdp4j helpers` prints the same rows.

      *built*: does what Linux 6.18 does. *answered*: loads, and answers what Linux answers where the kernel's object it
      asks for is not there. *refused*: a program that calls it, or an object whose program uses it, is refused with this
      reason. Helpers that are not listed are not for XDP programs in Linux either.
      """;

  private final List<Row> rows = Reference.rows();
  private final CoveringTests tests;

  ReferencePage(Path root) {
    Map<Integer, String> names =
        rows.stream()
            .filter(row -> row.group().equals("helper"))
            .collect(Collectors.toMap(Row::number, Row::name));
    tests = new CoveringTests(root, names);
  }

  static Path file(Path root) {
    return root.resolve("dataplane/bpf/HELPERS.md");
  }

  /** Writes the page. */
  void write(Path root) throws IOException {
    Files.writeString(file(root), text());
  }

  List<Row> rows() {
    return rows;
  }

  CoveringTests tests() {
    return tests;
  }

  /** Names of the tests that name a row. */
  List<String> tests(Row row) {
    return tests.of(row.name());
  }

  String text() {
    StringBuilder page = new StringBuilder(HEAD);
    section(page, "helper", "Helpers", "helpers Linux offers XDP programs");
    section(page, "map", "Map types", "types of map Linux 6.18 knows");
    section(page, "kfunc", "Kernel functions", "kernel functions (kfuncs)");
    return page.toString();
  }

  private void section(StringBuilder page, String group, String title, String what) {
    List<Row> own = rows.stream().filter(row -> row.group().equals(group)).toList();
    Map<Reference.State, Long> states =
        own.stream().collect(Collectors.groupingBy(Row::state, Collectors.counting()));
    page.append("\n## %s\n\nOf %d %s, ".formatted(title, own.size(), what));
    page.append(
        "%d are built, %d answered, %d refused.\n\n"
            .formatted(
                states.getOrDefault(Reference.State.BUILT, 0L),
                states.getOrDefault(Reference.State.ANSWERED, 0L),
                states.getOrDefault(Reference.State.REFUSED, 0L)));
    boolean signatures = own.stream().anyMatch(row -> !row.signature().isEmpty());
    page.append("| # | name | ").append(signatures ? "takes and gives | " : "");
    page.append("state | tested by |\n|--:|---|").append(signatures ? "---|" : "");
    page.append("---|---|\n");
    own.forEach(row -> page.append(line(row, signatures)));
  }

  private String line(Row row, boolean signatures) {
    String state = row.state().name().toLowerCase(java.util.Locale.ROOT);
    String remark = row.remark().isEmpty() ? "" : ": " + row.remark();
    if (row.state() == Reference.State.BUILT && !remark.isEmpty()) {
      remark = ", " + row.remark();
    }
    return "| %s | `%s` | %s%s%s | %s |\n"
        .formatted(
            row.number() == 0 ? "" : row.number(),
            row.name(),
            signatures ? row.signature() + " | " : "",
            state,
            remark,
            shown(tests(row)));
  }

  /** Tests in Java by name; that there are rules, too, without their names, as they come and go. */
  private static String shown(List<String> tests) {
    String named =
        tests.stream()
            .filter(test -> !test.endsWith(".rule"))
            .limit(TESTS_SHOWN)
            .map(test -> "`" + test + "`")
            .collect(Collectors.joining(", "));
    boolean rules = tests.stream().anyMatch(test -> test.endsWith(".rule"));
    return named + (rules ? (named.isEmpty() ? "" : ", ") + "verifier rules" : "");
  }
}
