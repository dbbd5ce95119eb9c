package org.xdp4j.daemon.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command itself: shows which verbs there are. */
@Command(
    name = "xdp4j",
    description = "Runs the XDP programs that Linux runs, in user space, on the JVM.",
    synopsisSubcommandLabel = "VERB",
    descriptionHeading = "%n",
    optionListHeading = "%n",
    commandListHeading = "%nVerbs (xdp4j VERB --help tells more):%n",
    footerHeading = "%nExit status: ",
    footer =
        "0 done; 1 the answer is no; 2 arguments or a file cannot be used; 130 interrupted;%n"
            + "70 a fault of xdp4j itself (XDP4J_DEBUG=1 shows where).")
final class Xdp4j implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a verb is missing");
  }
}
