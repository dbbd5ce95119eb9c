package org.xdp4j.daemon.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What all verbs have in common. */
@Command(
    sortOptions = false,
    abbreviateSynopsis = false,
    descriptionHeading = "%n",
    parameterListHeading = "%n",
    optionListHeading = "%n",
    footerHeading = "%nExamples:%n")
abstract class Verb implements Callable<Integer> {
  /** What the verb talks to. */
  protected final Console console;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  @Option(names = "--json", description = "Print JSON, one object a line.")
  protected boolean json;

  Verb(Console console) {
    this.console = console;
  }

  /**
   * Does the work.
   *
   * @return the exit status
   */
  @Override
  public abstract Integer call() throws CliException;
}
