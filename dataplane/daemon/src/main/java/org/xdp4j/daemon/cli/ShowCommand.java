package org.xdp4j.daemon.cli;

import java.io.IOException;
import java.util.List;
import org.xdp4j.daemon.control.client.ClientException;
import org.xdp4j.daemon.control.client.ControlClient;
import org.xdp4j.daemon.control.json.JsonWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code xdp4j show}: looks at a running daemon. */
@Command(
    name = "show",
    description = {
      "Shows what a running daemon has and does.",
      "",
      "With --json each line is one port, one reason and so on; of fib, every route."
    },
    footer = {
      "  xdp4j show ports",
      "  xdp4j show drops --json",
      "  xdp4j show fib 10.0.0.0/8",
      "  xdp4j show fib 10.1.2.3"
    })
final class ShowCommand extends DaemonVerb {
  /** Routes that are shown when not all are asked for. */
  private static final int ROUTES = 100;

  /** What can be shown. */
  enum What {
    ports,
    drops,
    workers,
    programs,
    maps,
    fib,
    neighbors,
    actions,
    punts,
    latency,
    balance
  }

  @Parameters(
      index = "0",
      paramLabel = "WHAT",
      description = "What to show: ${COMPLETION-CANDIDATES}.")
  private What what;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "PREFIX",
      description =
          "Of fib: only routes within this prefix; or, for an address, the route that a packet to"
              + " it takes.")
  private String prefix;

  @Option(names = "-6", description = "Of fib: IPv6 routes.")
  private boolean ipv6;

  ShowCommand(Console console) {
    super(console);
  }

  @Override
  int run(ControlClient daemon) throws ClientException, CliException {
    if (prefix != null && what != What.fib) {
      throw CliException.unusable("a prefix is for show fib only");
    }
    if (what == What.fib) {
      return fib(daemon);
    }
    Object answer = daemon.get("/v1/" + what);
    if (json) {
      printJson(answer);
      return ExitStatus.OK;
    }
    ShowTables tables = new ShowTables(console.out());
    switch (what) {
      case ports -> tables.ports(Node.all(answer));
      case drops -> tables.drops(Node.of(answer));
      case workers -> tables.workers(Node.all(answer));
      case programs -> tables.programs(Node.all(answer));
      case maps -> tables.maps(Node.all(answer));
      case neighbors -> tables.neighbors(Node.all(answer));
      case actions -> tables.actions(Node.all(answer));
      case punts -> tables.punts(Node.all(answer));
      case latency -> tables.latency(Node.of(answer));
      case balance -> tables.balance(Node.of(answer));
      case fib -> throw new IllegalStateException();
    }
    return ExitStatus.OK;
  }

  private void printJson(Object answer) {
    Object lines = what == What.drops ? Node.of(answer).members().get("drops") : answer;
    if (lines instanceof List<?> list) {
      list.forEach(this::printLine);
    } else {
      printLine(lines);
    }
    if (what == What.drops) {
      printLine(Node.of(answer).members().get("balance"));
    }
  }

  private void printLine(Object value) {
    console.out().writeBytes(JsonWriter.line(value));
  }

  private int fib(ControlClient daemon) throws ClientException, CliException {
    if (prefix != null && prefix.indexOf('/') < 0) {
      Object answer = daemon.get("/v1/fib/lookup?address=" + ControlClient.encode(prefix));
      if (json) {
        printLine(answer);
      } else {
        new ShowTables(console.out()).lookup(Node.of(answer));
      }
      return ExitStatus.OK;
    }
    String within = prefix == null ? "" : "&within=" + ControlClient.encode(prefix);
    String family = prefix == null ? "&family=" + (ipv6 ? 6 : 4) : "";
    if (json) {
      allRoutes(daemon, "/v1/fib?" + (within + family).substring(1));
    } else {
      new ShowTables(console.out())
          .fib(Node.of(daemon.get("/v1/fib?limit=" + ROUTES + within + family)));
    }
    return ExitStatus.OK;
  }

  private void allRoutes(ControlClient daemon, String target) throws ClientException, CliException {
    try (ControlClient.Response response = daemon.stream(target, "application/x-ndjson")) {
      response.body().transferTo(console.out());
    } catch (IOException e) {
      throw CliException.unusable("the daemon's answer broke off: " + e.getMessage(), e);
    }
  }
}
