package org.xdp4j.daemon.cli;

import java.io.IOException;
import java.util.List;
import org.xdp4j.daemon.control.client.ClientException;
import org.xdp4j.daemon.control.client.ControlClient;
import org.xdp4j.daemon.control.json.JsonException;
import org.xdp4j.daemon.control.json.JsonReader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code xdp4j trace}: what becomes of single frames of a running daemon, step by step. */
@Command(
    name = "trace",
    description = {
      "Tells the story of frames that go through a running daemon: where they came in, what the"
          + " program and the stack decided and why, where they left or were dropped.",
      "",
      "With --json each line is one frame."
    },
    footer = {
      "  xdp4j trace icmp",
      "  xdp4j trace --count 5 --port lan tcp port 443",
      "  xdp4j trace --dropped --json"
    })
final class TraceCommand extends DaemonVerb {
  @Option(
      names = {"-p", "--port"},
      paramLabel = "PORT",
      description = "Only frames that come in there.")
  private String port;

  @Option(
      names = {"-c", "--count"},
      paramLabel = "N",
      defaultValue = "1",
      description = "How many frames; ${DEFAULT-VALUE} without it.")
  private int count;

  @Option(names = "--dropped", description = "Only frames that are dropped.")
  private boolean dropped;

  @Parameters(
      paramLabel = "FILTER",
      arity = "0..*",
      description = "A tcpdump expression: only frames it fits.")
  private List<String> filter = List.of();

  TraceCommand(Console console) {
    super(console);
  }

  @Override
  int run(ControlClient daemon) throws ClientException, CliException {
    String target =
        "/v1/trace?count="
            + count
            + "&filter="
            + ControlClient.encode(String.join(" ", filter))
            + (dropped ? "&dropped=true" : "")
            + (port == null ? "" : "&port=" + ControlClient.encode(port));
    try (ControlClient.Response response = daemon.stream(target, "application/x-ndjson");
        OutputWatch _ = OutputWatch.stopping(console, response::close)) {
      for (byte[] line = response.nextLine(); line != null; line = response.nextLine()) {
        if (json) {
          console.out().writeBytes(line);
          console.out().println();
        } else {
          print(Node.of(JsonReader.read(line)));
        }
        if (!console.isRead()) {
          break;
        }
      }
      return ExitStatus.OK;
    } catch (IOException | JsonException e) {
      if (!console.isRead() || WatchedOutput.failure() != null) {
        return ExitStatus.OK; // Main finds the exit status.
      }
      throw CliException.unusable("the daemon's answer broke off: " + e.getMessage(), e);
    }
  }

  private void print(Node frame) {
    if (frame.text("event").equals("lost")) {
      console.out().println("(" + frame.count("count") + " frames were not followed: too many)");
      return;
    }
    console
        .out()
        .println(
            frame.text("time")
                + " "
                + frame.text("port")
                + " "
                + Units.counted(frame.number("length"), "byte")
                + " "
                + frame.text("summary"));
    TextTable table = new TextTable("rll");
    for (Node step : frame.nodes("steps")) {
      String source = step.text("source");
      table.row(step.count("nanos") + " ns", step.text("stage"), step.text("text"));
      if (!source.isEmpty()) {
        table.row("", "", "  at " + source);
      }
    }
    table.print(console.out(), "  ");
  }
}
