package org.xdp4j.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/**
 * What benchmarks found out: each row is printed as it comes, and all of them as one table at the
 * end.
 */
final class Report {
  private static final String[] HEADINGS = {
    "benchmark",
    "workload",
    "unit",
    "ours",
    "peer's",
    "ratio",
    "bar",
    "B/frame",
    "p50/p99/p99.99",
    "peer"
  };

  private final PrintStream out;
  private final boolean quick;
  private final List<Row> rows = new ArrayList<>();

  /**
   * Makes one.
   *
   * @param quick whether benchmarks are only to show that they work
   */
  Report(PrintStream out, boolean quick) {
    this.out = out;
    this.quick = quick;
  }

  /** Whether a benchmark is only to show that it works: few frames, one round, no waiting. */
  boolean quick() {
    return quick;
  }

  /** For whatever is more than rows can say. */
  PrintStream out() {
    return out;
  }

  /** Takes a row and prints it. */
  void add(Row row) {
    rows.add(row);
    StringBuilder line = new StringBuilder("  ").append(row.workload()).append(": ");
    line.append(Numbers.spread(row.ours())).append(' ').append(row.unit().symbol());
    if (row.theirs() != null) {
      line.append("; ").append(row.peer()).append(' ').append(Numbers.spread(row.theirs()));
      line.append("; ratio ").append(Numbers.spread(row.ratio()));
      line.append(Double.isNaN(row.bar()) ? "" : ", " + bar(row));
    } else if (row.missing() != null) {
      line.append("; ").append(row.peer()).append(" is missing: ").append(row.missing());
    }
    if (!Double.isNaN(row.allocated())) {
      line.append("; ").append(allocated(row)).append(" bytes allocated a frame");
    }
    if (row.latency() != null) {
      line.append("; p50/p99/p99.99 ").append(row.latency());
    }
    out.println(line);
  }

  List<Row> rows() {
    return List.copyOf(rows);
  }

  /** Prints all rows, a line each. */
  void printTable() {
    List<String[]> lines = new ArrayList<>();
    lines.add(HEADINGS);
    for (Row row : rows) {
      lines.add(cells(row));
    }
    int[] widths = new int[HEADINGS.length];
    for (String[] cells : lines) {
      for (int i = 0; i < cells.length; i++) {
        widths[i] = Math.max(widths[i], cells[i].length());
      }
    }
    for (String[] cells : lines) {
      StringBuilder line = new StringBuilder("|");
      for (int i = 0; i < cells.length; i++) {
        line.append(' ').append(cells[i]).repeat(' ', widths[i] - cells[i].length()).append(" |");
      }
      out.println(line);
      if (cells == HEADINGS) {
        line = new StringBuilder("|");
        for (int width : widths) {
          line.repeat('-', width + 2).append('|');
        }
        out.println(line);
      }
    }
  }

  private static String[] cells(Row row) {
    return new String[] {
      row.benchmark(),
      row.workload(),
      row.unit().symbol(),
      Numbers.spread(row.ours()),
      Numbers.spread(row.theirs()),
      Numbers.spread(row.ratio()),
      Double.isNaN(row.bar()) || row.theirs() == null ? "-" : bar(row),
      Double.isNaN(row.allocated()) ? "-" : allocated(row),
      row.latency() == null ? "-" : row.latency().toString(),
      row.peer() == null ? "-" : row.missing() == null ? row.peer() : row.peer() + " (missing)",
    };
  }

  private static String bar(Row row) {
    return (row.unit().lessIsBetter() ? "<= " : ">= ")
        + Numbers.short3(row.bar())
        + (row.reached() ? " reached" : " missed");
  }

  private static String allocated(Row row) {
    return row.allocated() < 0.0005 ? "0" : "%.3f".formatted(row.allocated());
  }
}
