package org.xdp4j.daemon.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
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

  /** Its name apart, all there is to say about it on the command line. */
  CommandSpec spec() {
    return CommandSpec.forAnnotatedObject(this);
  }

  /** The same for a verb without annotations, but for its own options. */
  final CommandSpec declare(String[] description, String[] examples) {
    CommandSpec spec = CommandSpec.wrapWithoutInspection(this);
    spec.usageMessage()
        .description(description)
        .footer(examples)
        .sortOptions(false)
        .abbreviateSynopsis(false)
        .descriptionHeading("%n")
        .parameterListHeading("%n")
        .optionListHeading("%n")
        .footerHeading("%nExamples:%n");
    return spec.addOption(Xdp4j.helpOption())
        .addOption(
            OptionSpec.builder("--json")
                .type(boolean.class)
                .description("Print JSON, one object a line.")
                .setter(
                    new ISetter() {
                      @Override
                      public <T> T set(T value) {
                        json = Boolean.TRUE.equals(value);
                        return null;
                      }
                    })
                .build());
  }

  /**
   * Does the work.
   *
   * @return the exit status
   */
  @Override
  public abstract Integer call() throws CliException;
}
