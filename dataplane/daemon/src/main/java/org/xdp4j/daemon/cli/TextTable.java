package org.xdp4j.daemon.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Lines of aligned columns, two spaces between them.
 *
 * <pre>
 *   action    frames   share
 *   PASS         314  78.5 %
 *   DROP          86  21.5 %
 * </pre>
 */
final class TextTable {
  private static final String GAP = "  ";

  private final boolean[] right;
  private final List<String[]> rows = new ArrayList<>();

  /**
   * @param alignments a letter a column: {@code l} for left, {@code r} for right
   */
  TextTable(String alignments) {
    right = new boolean[alignments.length()];
    for (int i = 0; i < right.length; i++) {
      right[i] = alignments.charAt(i) == 'r';
    }
  }

  /** Adds a line; cells that are left out at its end are empty. */
  TextTable row(String... cells) {
    rows.add(cells);
    return this;
  }

  /** Prints every line, indented by {@code indent}. */
  void print(PrintStream out, String indent) {
    int[] widths = widths();
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder(indent);
      for (int i = 0; i < row.length; i++) {
        String padding = " ".repeat(widths[i] - row[i].length());
        line.append(i == 0 ? "" : GAP);
        line.append(right[i] ? padding + row[i] : row[i] + padding);
      }
      out.println(line.toString().stripTrailing());
    }
  }

  private int[] widths() {
    int[] widths = new int[right.length];
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    return widths;
  }
}
