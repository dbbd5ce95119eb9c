package org.xdp4j.daemon.cli;

import java.util.Map;
import org.xdp4j.daemon.control.client.ClientException;
import org.xdp4j.daemon.control.client.ControlClient;
import picocli.CommandLine.Command;

/** {@code xdp4j reload}: has a running daemon read its configuration again. */
@Command(
    name = "reload",
    description = {
      "Has a running daemon read its configuration file again.",
      "It changes to what the file says as one transaction and without losing a frame, or refuses",
      "it whole and goes on as before: then this says why, and ends with status 1."
    },
    footer = {"  xdp4j reload", "  xdp4j reload --socket /run/xdp4j/control.sock"})
final class ReloadCommand extends DaemonVerb {
  ReloadCommand(Console console) {
    super(console);
  }

  @Override
  int run(ControlClient daemon) throws ClientException {
    Object answer = daemon.send("POST", "/v1/reload", (Map<String, ?>) null);
    String result = String.valueOf(((Map<?, ?>) answer).get("result"));
    if (json) {
      Json.line(console.out(), generator -> generator.writeStringField("result", result));
    } else {
      console.out().println(result);
    }
    return ExitStatus.OK;
  }
}
