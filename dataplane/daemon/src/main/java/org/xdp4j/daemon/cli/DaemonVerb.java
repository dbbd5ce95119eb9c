package org.xdp4j.daemon.cli;

import java.nio.file.Path;
import org.xdp4j.daemon.control.ControlSettings;
import org.xdp4j.daemon.control.client.ClientException;
import org.xdp4j.daemon.control.client.ControlClient;
import picocli.CommandLine.Option;

/** A verb that talks to a running daemon. */
abstract class DaemonVerb extends Verb {
  @Option(
      names = "--socket",
      paramLabel = "PATH",
      description = {
        "The daemon's control socket; else XDP4J_SOCKET names it, else it is where a daemon has it"
            + " by default."
      })
  private Path socket;

  DaemonVerb(Console console) {
    super(console);
  }

  /** Asks, and prints. */
  abstract int run(ControlClient daemon) throws ClientException, CliException;

  @Override
  public final Integer call() throws CliException {
    try {
      return run(new ControlClient(socket == null ? ControlSettings.defaultSocket() : socket));
    } catch (ClientException e) {
      throw e.status() == 0
          ? CliException.unusable(e.getMessage(), e)
          : CliException.refused(e.getMessage(), e);
    }
  }
}
