package org.xdp4j.daemon.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** The command itself: shows which verbs there are. */
final class Xdp4j implements Runnable {
  private final CommandSpec spec = CommandSpec.wrapWithoutInspection(this);

  /** Its name, help and headings. */
  CommandSpec spec() {
    spec.usageMessage()
        .description("Runs the XDP programs that Linux runs, in user space, on the JVM.")
        .synopsisSubcommandLabel("VERB")
        .descriptionHeading("%n")
        .optionListHeading("%n")
        .commandListHeading("%nVerbs (xdp4j VERB --help tells more):%n")
        .footerHeading("%nExit status: ")
        .footer(
            "0 done; 1 the answer is no; 2 arguments or a file cannot be used; 130 interrupted;%n"
                + "141 nobody reads the output any more; 70 a fault of xdp4j itself%n"
                + "(XDP4J_DEBUG=1 shows where).");
    return spec.name("xdp4j").version(version()).addOption(helpOption()).addOption(versionOption());
  }

  private static OptionSpec versionOption() {
    return OptionSpec.builder("-V", "--version")
        .type(boolean.class)
        .versionHelp(true)
        .description("Show the version.")
        .build();
  }

  private static String version() {
    String built = Xdp4j.class.getPackage().getImplementationVersion();
    return "xdp4j "
        + (built == null ? "(not from its jar)" : built)
        + ", Java "
        + System.getProperty("java.version");
  }

  /** {@code --help} of anything. */
  static OptionSpec helpOption() {
    return OptionSpec.builder("-h", "--help")
        .type(boolean.class)
        .usageHelp(true)
        .description("Show this help.")
        .build();
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a verb is missing");
  }
}
