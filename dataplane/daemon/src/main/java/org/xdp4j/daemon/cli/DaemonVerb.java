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

  /**
   * The status of a verb that goes on until it is interrupted, which is its end then, or until it
   * has what it was asked for.
   *
   * @param wanted how many it was to come to; null for no end
   * @throws CliException when the daemon ended before
   */
  final int endOf(long done, Long wanted, String unit) throws CliException {
    if (wanted == null || done >= wanted || !console.isRead()) {
      return ExitStatus.OK; // Main finds what came of the output.
    }
    if (Interruption.isUnderway()) {
      return ExitStatus.INTERRUPTED;
    }
    throw CliException.refused(
        "the daemon ended after %s of %s".formatted(Units.count(done), Units.counted(wanted, unit)),
        null);
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
