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

/** What {@code top} shows: two moments' figures, and the rates between them. */
final class TopPicture {
  private static final int BAR = 20;
  private static final int DROPS = 12;

  private final Style style;

  TopPicture(Style style) {
    this.style = style;
  }

  /** The lines of a picture, none longer than {@code width}. */
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
    lines.add(ShowTables.balanceLine(now.node("balance")));
    return lines.stream().map(line -> cut(line, width)).toList();
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

  /** Cuts what is behind the width; a strong line ends as it should. */
  private String cut(String line, int width) {
    boolean strong = style != Style.PLAIN && line.startsWith("\033[1m") && line.endsWith("\033[0m");
    if (strong) {
      String plain = line.substring(4, line.length() - 4);
      return plain.length() <= width ? line : style.strong(plain.substring(0, width));
    }
    return line.indexOf('\033') >= 0 || line.length() <= width ? line : line.substring(0, width);
  }
}
