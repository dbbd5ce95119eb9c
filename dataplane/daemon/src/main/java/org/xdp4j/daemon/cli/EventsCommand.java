package org.xdp4j.daemon.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.xdp4j.daemon.control.client.ClientException;
import org.xdp4j.daemon.control.client.ControlClient;
import org.xdp4j.daemon.control.json.JsonException;
import org.xdp4j.daemon.control.json.JsonReader;
import org.xdp4j.daemon.control.json.JsonWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code xdp4j events}: what programs of a running daemon say, and what happens to it. */
@Command(
    name = "events",
    description = {
      "Tells what programs of a running daemon say, and what happens to it, as it does.",
      "",
      "That is: records of ring buffers (ringbuf), perf events (perf), lines of bpf_printk"
          + " (printk), ports that come and go (link), other configurations (applied), and workers"
          + " that ended (worker-failed), from now on. Ends with Ctrl-C or --count.",
      "",
      "With --json each line is one event; data is the record in hexadecimal, value its fields"
          + " where --type says what it is. Nobody waits for a reader that is too slow: what it"
          + " missed is counted."
    },
    footer = {
      "  xdp4j events",
      "  xdp4j events --event ringbuf --event perf --type events=sample",
      "  xdp4j events --source lan --count 1 --json"
    })
final class EventsCommand extends DaemonVerb {
  private static final List<String> KINDS =
      List.of("ringbuf", "perf", "printk", "link", "applied", "worker-failed");

  @Option(
      names = {"-e", "--event"},
      paramLabel = "KIND",
      description =
          "Only these kinds: ringbuf, perf, printk, link, applied, worker-failed; several times for"
              + " several.")
  private List<String> kinds = new ArrayList<>();

  @Option(
      names = {"-s", "--source"},
      paramLabel = "NAME",
      description = "Only of these maps or ports; several times for several.")
  private List<String> sources = new ArrayList<>();

  @Option(
      names = {"-t", "--type"},
      paramLabel = "MAP=TYPE",
      description =
          "The struct, union or typedef of the program that a map's records begin with; several"
              + " times for several.")
  private List<String> types = new ArrayList<>();

  @Option(
      names = {"-c", "--count"},
      paramLabel = "N",
      description = "End after so many events.")
  private Long count;

  EventsCommand(Console console) {
    super(console);
  }

  @Override
  int run(ControlClient daemon) throws ClientException, CliException {
    if (count != null && count < 1) {
      throw CliException.unusable("--count is 1 or more, not " + count);
    }
    for (String kind : kinds) {
      if (!KINDS.contains(kind)) {
        throw CliException.unusable(
            "--event is one of " + String.join(", ", KINDS) + ", not " + kind);
      }
    }
    try (ControlClient.Response response = daemon.stream(target(), "application/x-ndjson")) {
      Interruption interruption = Interruption.stopping(response::close);
      long told;
      try (OutputWatch _ = OutputWatch.stopping(console, response::close)) {
        told = follow(response);
      } finally {
        interruption.close();
      }
      return endOf(told, count, "event");
    }
  }

  private String target() {
    List<String> parameters = new ArrayList<>();
    kinds.forEach(kind -> parameters.add("event=" + kind));
    sources.forEach(source -> parameters.add("source=" + ControlClient.encode(source)));
    types.forEach(type -> parameters.add("type=" + ControlClient.encode(type)));
    return "/v1/events" + (parameters.isEmpty() ? "" : "?" + String.join("&", parameters));
  }

  /** Prints events; returns how many there were. */
  private long follow(ControlClient.Response response) throws CliException {
    long told = 0;
    while (count == null || told < count) {
      byte[] line;
      try {
        line = response.nextLine();
      } catch (IOException ended) {
        line = null; // As it does with the daemon, or with Ctrl-C.
      }
      if (line == null) {
        return told;
      }
      told += print(line) ? 1 : 0;
      if (!console.isRead()) {
        return told;
      }
    }
    return told;
  }

  /** Prints a line; says whether it was an event. */
  private boolean print(byte[] line) throws CliException {
    Node event;
    try {
      event = Node.of(JsonReader.read(line));
    } catch (JsonException e) {
      throw CliException.unusable("what the daemon answers is no event: " + e.getMessage(), e);
    }
    boolean isLoss = event.text("event").equals("lost");
    if (json) {
      console.out().writeBytes(line);
      console.out().println();
    } else if (isLoss) {
      console.out().println("(" + event.count("count") + " events were missed: too many)");
    } else {
      console.out().println(text(event));
    }
    return !isLoss;
  }

  private static String text(Node event) {
    StringBuilder text = new StringBuilder(event.text("time"));
    text.append(' ').append(event.text("event"));
    if (!event.text("source").isEmpty()) {
      text.append(' ').append(event.text("source"));
    }
    if (event.members().get("cpu") != null) {
      text.append(" worker ").append(event.number("cpu"));
    }
    Object value = event.members().get("value");
    String said =
        value == null
            ? event.text(event.text("text").isEmpty() ? "data" : "text")
            : new String(JsonWriter.bytes(value), StandardCharsets.UTF_8);
    return said.isEmpty() ? text.toString() : text.append(": ").append(said).toString();
  }
}
