package org.xdp4j.daemon.cli;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** A verb that is nothing without another behind it: {@code xdp4j map get}. */
final class VerbGroup extends Verb {
  private final Map<String, Function<Console, Verb>> verbs;
  private final CommandSpec spec;

  VerbGroup(
      Console console,
      String description,
      List<String> examples,
      Map<String, Function<Console, Verb>> verbs) {
    super(console);
    this.verbs = verbs;
    this.spec = declare(new String[] {description}, examples.toArray(String[]::new));
  }

  @Override
  CommandSpec spec() {
    spec.usageMessage().synopsisSubcommandLabel("VERB").commandListHeading("%nVerbs:%n");
    verbs.forEach((name, verb) -> spec.addSubcommand(name, verb.apply(console).spec()));
    return spec;
  }

  @Override
  public Integer call() {
    throw new ParameterException(
        spec.commandLine(), "what to do is missing: " + String.join(", ", verbs.keySet()));
  }
}
