package org.xdp4j.daemon.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code top} shows: two moments' figures, and the rates between them. */
final class TopPicture {
  private static final int BAR = 20;
  private static final int DROPS = 12;
  private static final int INDENT = 2;
  private static final Pattern ESCAPE = Pattern.compile("\033\\[[0-9;]*m");

  private final Style style;

  TopPicture(Style style) {
    this.style = style;
  }

  /**
   * The lines of a picture for a terminal of this size: where they are too many, those that only
   * part others go first, then the last ones.
   */
  List<String> lines(Node before, Node now, int width, int height) {
    List<String> lines = lines(before, now, width);
    if (lines.size() > height) {
      lines = lines.stream().filter(line -> !line.isEmpty()).toList();
    }
    return lines.subList(0, Math.min(height, lines.size()));
  }

  /**
   * The lines of a picture, none longer than {@code width}: what is too long is cut, but no number
   * within, and the balance goes on in the next line.
   */
  List<String> lines(Node before, Node now, int width) {
    double seconds = seconds(before, now);
    List<String> lines = new ArrayList<>();
    head(now, lines);
    lines.add("");
    totals(before, now, seconds, lines);
    lines.add("");
    add(lines, ports(before, now, seconds));
    lines.add("");
    add(lines, drops(before, now, seconds));
    lines.add("");
    add(lines, workers(before, now));
    lines.add("");
    wrap(ShowTables.balanceLine(now.node("balance")), width, lines);
    return lines.stream().map(line -> cut(line, width)).toList();
  }

  /** Ends lines between words; all but the first are indented. */
  private static void wrap(String text, int width, List<String> lines) {
    String rest = text;
    while (rest.length() > width) {
      int end = rest.lastIndexOf(' ', width);
      if (end <= INDENT) {
        break; // A word that is longer than the line: it is cut.
      }
      lines.add(rest.substring(0, end));
      rest = " ".repeat(INDENT) + rest.substring(end + 1);
    }
    lines.add(rest);
  }

  private static double seconds(Node before, Node now) {
    try {
      return Duration.between(Instant.parse(before.text("time")), Instant.parse(now.text("time")))
              .toNanos()
          / 1e9;
    } catch (DateTimeParseException e) {
      return 0;
    }
  }

  private void head(Node now, List<String> lines) {
    String time = now.text("time").replaceFirst("\\..*", "").replace("T", " ").replace("Z", "");
    lines.add(
        style.strong("xdp4j")
            + "  up "
            + Units.duration(Math.round(now.real("uptimeSeconds") * 1e9))
            + "  "
            + time
            + " UTC");
  }

  private static String rate(Node before, Node now, String name, double seconds, double factor) {
    long more = now.number(name) - before.number(name);
    return seconds <= 0 ? "-" : more == 0 ? "0" : Units.figure(factor * more / seconds);
  }

  private void totals(Node before, Node now, double seconds, List<String> lines) {
    Node old = before.node("balance");
    Node fresh = now.node("balance");
    String bits = rate(old, fresh, "receivedBytes", seconds, 8e-9);
    String out = rate(old, fresh, "transmittedBytes", seconds, 8e-9);
    lines.add(
        "in   "
            + pad(rate(old, fresh, "received", seconds, 1))
            + " frames/s  "
            + pad(bits)
            + " Gbit/s    dropped  "
            + pad(rate(old, fresh, "dropped", seconds, 1))
            + " frames/s");
    lines.add(
        "out  "
            + pad(rate(old, fresh, "transmitted", seconds, 1))
            + " frames/s  "
            + pad(out)
            + " Gbit/s    in flight "
            + fresh.count("inFlight"));
    Node latency = now.node("recentLatency");
    if (latency.number("count") > 0) {
      lines.add(
          "latency  50 % "
              + Units.duration(latency.number("p50Nanos"))
              + "   99 % "
              + Units.duration(latency.number("p99Nanos"))
              + "   99.99 % "
              + Units.duration(latency.number("p9999Nanos"))
              + "   largest "
              + Units.duration(latency.number("maxNanos")));
    }
  }

  private static String pad(String figure) {
    return " ".repeat(Math.max(0, 11 - figure.length())) + figure;
  }

  private TextTable ports(Node before, Node now, double seconds) {
    TextTable table = new TextTable("llrrrrl");
    table.row("PORT", "STATE", "IN FRAMES/S", "IN GBIT/S", "OUT FRAMES/S", "OUT GBIT/S", "PROGRAM");
    for (Node port : now.nodes("ports")) {
      Node old = find(before.nodes("ports"), port, "port");
      table.row(
          port.text("port"),
          port.text("state"),
          rate(old, port, "receivedFrames", seconds, 1),
          rate(old, port, "receivedBytes", seconds, 8e-9),
          rate(old, port, "transmittedFrames", seconds, 1),
          rate(old, port, "transmittedBytes", seconds, 8e-9),
          port.text("program"));
    }
    return table;
  }

  private TextTable drops(Node before, Node now, double seconds) {
    TextTable table = new TextTable("lrrll");
    table.row("DROPPED", "FRAMES/S", "FRAMES", "LAST SEEN", "WHY");
    List<Node> drops = new ArrayList<>(now.nodes("drops"));
    drops.sort(Comparator.comparingLong((Node drop) -> drop.number("frames")).reversed());
    for (Node drop : drops.subList(0, Math.min(DROPS, drops.size()))) {
      Node old = find(before.nodes("drops"), drop, "reason");
      table.row(
          drop.text("reason"),
          rate(old, drop, "frames", seconds, 1),
          drop.count("frames"),
          ShowTables.ago(drop.text("lastSeen")),
          drop.text("sentence"));
    }
    return table;
  }

  private TextTable workers(Node before, Node now) {
    TextTable table = new TextTable("llrrrr");
    table.row("WORKER", "BUSY", "", "FRAMES USED", "WAITING", "HELD");
    for (Node worker : now.nodes("workers")) {
      Node old = find(before.nodes("workers"), worker, "worker");
      double time = worker.real("seconds") - old.real("seconds");
      double busy = worker.real("busySeconds") - old.real("busySeconds");
      double share = time <= 0 ? 0 : Math.clamp(busy / time, 0, 1);
      int full = (int) Math.round(share * BAR);
      table.row(
          worker.text("worker") + (worker.text("failure").isEmpty() ? "" : " FAILED"),
          "|".repeat(full) + ".".repeat(BAR - full),
          Units.figure(100 * share) + " %",
          worker.count("poolOut") + " of " + worker.count("poolFrames"),
          worker.count("waiting"),
          worker.count("held"));
    }
    return table;
  }

  private static Node find(List<Node> among, Node same, String name) {
    return among.stream()
        .filter(old -> old.text(name).equals(same.text(name)))
        .findFirst()
        .orElse(same);
  }

  /** A table's lines, the first of them strong. */
  private void add(List<String> lines, TextTable table) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    table.print(new PrintStream(bytes, true, StandardCharsets.UTF_8), "");
    boolean first = true;
    for (String line : bytes.toString(StandardCharsets.UTF_8).lines().toList()) {
      lines.add(first ? style.strong(line) : line);
      first = false;
    }
  }

  /** Cuts what is behind the width; what was strong is so still, and ends as it should. */
  private static String cut(String line, int width) {
    String plain = ESCAPE.matcher(line).replaceAll("");
    if (plain.length() <= width) {
      return line;
    }
    int end = width;
    if (isFigure(plain.charAt(end))) {
      // What is left of a number would be another number.
      while (end > 0 && isFigure(plain.charAt(end - 1))) {
        end--;
      }
    }
    while (end > 0 && plain.charAt(end - 1) == ' ') {
      end--;
    }
    StringBuilder cut = new StringBuilder();
    Matcher escape = ESCAPE.matcher(line);
    int shown = 0;
    int at = 0;
    while (escape.find()) {
      int kept = Math.min(escape.start() - at, end - shown);
      cut.append(line, at, at + kept).append(escape.group());
      shown += kept;
      at = escape.end();
    }
    return cut.append(line, at, at + end - shown).toString();
  }

  private static boolean isFigure(char each) {
    return each >= '0' && each <= '9' || ".,:-".indexOf(each) >= 0;
  }
}
