package org.xdp4j.daemon.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.StringJoiner;

/** Prints a daemon's answers as tables. */
final class ShowTables {
  private static final String INDENT = "";

  private final PrintStream out;

  ShowTables(PrintStream out) {
    this.out = out;
  }

  void ports(List<Node> ports) {
    TextTable table = new TextTable("lrlllrrrrrr");
    table.row(
        "port",
        "ifindex",
        "state",
        "mac",
        "program",
        "rx frames",
        "rx bytes",
        "tx frames",
        "tx bytes",
        "rx faults",
        "tx faults");
    for (Node port : ports) {
      table.row(
          port.text("port"),
          port.text("ifindex"),
          port.text("state"),
          port.text("mac"),
          dash(port.text("program")),
          port.count("receivedFrames"),
          port.count("receivedBytes"),
          port.count("transmittedFrames"),
          port.count("transmittedBytes"),
          Units.count(
              port.number("receiveErrors")
                  + port.number("receiveNoBuffer")
                  + port.number("kernelDrops")),
          Units.count(port.number("transmitErrors") + port.number("transmitFull")));
    }
    print(table, ports, "there are no ports");
    for (Node port : ports) {
      if (!port.text("problem").isEmpty()) {
        out.println("port " + port.text("port") + ": " + port.text("problem"));
      }
      faults(port, "receiveFaults", "of what came in");
      faults(port, "transmitFaults", "of what went out");
      if (port.number("receivePartialChecksums") > 0) {
        out.println(
            "port "
                + port.text("port")
                + ": "
                + port.count("receivePartialChecksums")
                + " came with a checksum left to a device, and are given it");
      }
    }
  }

  private void faults(Node port, String name, String what) {
    Node faults = port.node(name);
    StringJoiner parts = new StringJoiner(", ");
    for (String each : List.of("lost", "duplicated", "corrupted", "reordered", "delayed")) {
      if (faults.number(each) > 0) {
        parts.add(faults.count(each) + " " + each);
      }
    }
    if (parts.length() > 0) {
      out.println("port " + port.text("port") + ": on purpose, " + what + ": " + parts);
    }
  }

  void drops(Node answer) {
    List<Node> drops = answer.nodes("drops");
    TextTable table = new TextTable("lrlll");
    table.row("reason", "frames", "last seen", "by", "why");
    for (Node drop : drops) {
      table.row(
          drop.text("reason"),
          drop.count("frames"),
          ago(drop.text("lastSeen")),
          drop.text("by"),
          drop.text("sentence"));
    }
    print(table, drops, "nothing was dropped");
    out.println();
    balance(answer.node("balance"));
  }

  void balance(Node balance) {
    out.println(balanceLine(balance));
  }

  /** The balance in one line. */
  static String balanceLine(Node balance) {
    long difference = balance.number("difference");
    return balance.count("received")
        + " received + "
        + balance.count("generated")
        + " generated = "
        + balance.count("transmitted")
        + " transmitted + "
        + balance.count("delivered")
        + " delivered + "
        + balance.count("punted")
        + " punted + "
        + balance.count("dropped")
        + " dropped + "
        + balance.count("inFlight")
        + " in flight"
        + (difference == 0 ? "" : " + " + Units.count(difference) + " UNACCOUNTED FOR");
  }

  void workers(List<Node> workers) {
    TextTable table = new TextTable("rlrrrrrrl");
    table.row(
        "worker", "cpu", "received", "busy", "frames used", "of", "waiting", "held", "failure");
    for (Node worker : workers) {
      double seconds = worker.real("seconds");
      table.row(
          worker.text("worker"),
          cpu(worker),
          worker.count("receivedFrames"),
          seconds == 0 ? "-" : Units.figure(100 * worker.real("busySeconds") / seconds) + " %",
          worker.count("poolOut"),
          worker.count("poolFrames"),
          worker.count("waiting"),
          worker.count("held"),
          worker.text("failure"));
    }
    print(table, workers, "there are no workers");
  }

  private static String cpu(Node worker) {
    if (worker.text("active").equals("false")) {
      return "left";
    }
    return worker.text("cpu").isEmpty() ? "any" : worker.text("cpu");
  }

  void programs(List<Node> programs) {
    TextTable table = new TextTable("lllrrrrrrrl");
    table.row(
        "program",
        "function",
        "ports",
        "insns",
        "aborted",
        "drop",
        "pass",
        "tx",
        "redirect",
        "faults",
        "object");
    for (Node program : programs) {
      List<Node> runs = program.nodes("runs");
      table.row(
          program.text("program"),
          program.text("function"),
          dash(program.joined("ports", ",")),
          program.count("instructions"),
          run(runs, "XDP_ABORTED"),
          run(runs, "XDP_DROP"),
          run(runs, "XDP_PASS"),
          run(runs, "XDP_TX"),
          run(runs, "XDP_REDIRECT"),
          program.count("faults"),
          program.text("object"));
    }
    print(table, programs, "no program is attached");
  }

  private static String run(List<Node> runs, String action) {
    return runs.stream()
        .filter(run -> run.text("action").equals(action))
        .findFirst()
        .map(run -> run.count("frames"))
        .orElse("0");
  }

  void maps(List<Node> maps) {
    TextTable table = new TextTable("rlllrll");
    table.row("id", "map", "type", "program", "max entries", "key", "value");
    for (Node map : maps) {
      table.row(
          map.text("id"),
          map.text("map"),
          map.text("type"),
          map.text("program"),
          map.count("maxEntries"),
          sized(map.text("keyType"), map.number("keyBytes")),
          sized(map.text("valueType"), map.number("valueBytes")));
    }
    print(table, maps, "there are no maps");
  }

  private static String sized(String name, long size) {
    return (name.equals("?") ? "" : name + ", ") + Units.counted(size, "byte");
  }

  void neighbors(List<Node> neighbors) {
    TextTable table = new TextTable("lllll");
    table.row("address", "interface", "mac", "state", "router");
    for (Node neighbor : neighbors) {
      table.row(
          neighbor.text("address"),
          neighbor.text("device"),
          dash(neighbor.text("mac")),
          neighbor.text("state"),
          neighbor.text("router").equals("true") ? "yes" : "no");
    }
    print(table, neighbors, "no neighbour is known");
  }

  void actions(List<Node> actions) {
    long all = actions.stream().mapToLong(action -> action.number("frames")).sum();
    TextTable table = new TextTable("lrr");
    table.row("action", "frames", "share");
    for (Node action : actions) {
      table.row(
          action.text("action"), action.count("frames"), Units.share(action.number("frames"), all));
    }
    print(table, actions, "there are no actions");
  }

  void punts(List<Node> punts) {
    TextTable table = new TextTable("lr");
    table.row("reason", "frames");
    punts.forEach(punt -> table.row(punt.text("reason"), punt.count("frames")));
    print(table, punts, "nothing was handed on");
  }

  void latency(Node latency) {
    if (latency.number("count") == 0) {
      out.println("no frame has gone through yet");
      return;
    }
    TextTable table = new TextTable("lr");
    table.row("frames", latency.count("count"));
    table.row("mean", Units.duration(Math.round(latency.real("meanNanos"))));
    for (String share : List.of("50", "90", "99", "999", "9999")) {
      String name = share.length() < 3 ? share : "99." + share.substring(2);
      table.row(name + " %", Units.duration(latency.number("p" + share + "Nanos")));
    }
    table.row("largest", Units.duration(latency.number("maxNanos")));
    table.print(out, INDENT);
  }

  void fib(Node answer) {
    List<Node> routes = answer.nodes("routes");
    if (routes.isEmpty()) {
      out.println("there is no such IPv" + answer.text("family") + " route");
      return;
    }
    TextTable table = new TextTable("lll");
    table.row("prefix", "type", "next hops");
    routes.forEach(route -> table.row(route.text("prefix"), route.text("type"), hops(route)));
    table.print(out, INDENT);
    if (!answer.text("next").isEmpty()) {
      out.println(
          "and more, of "
              + answer.count("total")
              + " routes in all (--json shows all of them; a prefix shows those within)");
    }
  }

  private static String hops(Node route) {
    StringBuilder text = new StringBuilder();
    for (Node hop : route.nodes("nextHops")) {
      text.append(text.isEmpty() ? "" : ", ");
      text.append(hop.text("gateway").isEmpty() ? "" : "via " + hop.text("gateway") + " ");
      text.append("dev ").append(hop.text("device"));
      text.append(hop.number("weight") > 1 ? " weight " + hop.text("weight") : "");
    }
    return text.toString();
  }

  void lookup(Node answer) {
    Node route = answer.node("route");
    if (route.members().isEmpty()) {
      out.println("there is no route to " + answer.text("address"));
      return;
    }
    out.println(
        answer.text("address")
            + " takes "
            + route.text("prefix")
            + " ("
            + route.text("type")
            + ")"
            + (hops(route).isEmpty() ? "" : " " + hops(route)));
    for (Node neighbor : answer.nodes("neighbors")) {
      out.println(
          "  "
              + neighbor.text("address")
              + " is "
              + neighbor.text("state")
              + (neighbor.text("mac").isEmpty() ? "" : " at " + neighbor.text("mac")));
    }
  }

  private void print(TextTable table, List<Node> rows, String none) {
    if (rows.isEmpty()) {
      out.println(none);
    } else {
      table.print(out, INDENT);
    }
  }

  private static String dash(String text) {
    return text.isEmpty() ? "-" : text;
  }

  /** How long ago a moment was. */
  static String ago(String time) {
    if (time.isEmpty()) {
      return "-";
    }
    try {
      long seconds = Math.max(0, Duration.between(Instant.parse(time), Instant.now()).toSeconds());
      return seconds < 120
          ? seconds + " s ago"
          : seconds < 7200 ? seconds / 60 + " min ago" : seconds / 3600 + " h ago";
    } catch (DateTimeParseException e) {
      return time;
    }
  }
}
