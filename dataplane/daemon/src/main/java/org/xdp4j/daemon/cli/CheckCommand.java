package org.xdp4j.daemon.cli;

import java.nio.file.Path;
import java.util.List;
import org.xdp4j.daemon.config.ConfigException;
import org.xdp4j.daemon.config.ConfigFile;
import org.xdp4j.daemon.config.Configuration;
import org.xdp4j.daemon.config.schema.Problem;
import org.xdp4j.daemon.run.Summary;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code xdp4j check}: what is wrong with configuration files. */
@Command(
    name = "check",
    description = {
      "Reads configuration files of the daemon and names everything that is wrong with them.",
      "Each mistake comes with file, line and column. Programs are verified and their maps filled,",
      "files of routes read; no port is opened. dataplane/daemon/CONFIG.md has all keys.",
      "",
      "With --json each mistake is an object of its own."
    },
    footer = {"  xdp4j check router.toml", "  xdp4j check --json /etc/xdp4j/*.toml"})
final class CheckCommand extends Verb {
  @Parameters(paramLabel = "FILE", arity = "1..*", description = "A configuration file.")
  private List<Path> files = List.of();

  CheckCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws CliException {
    int status = ExitStatus.OK;
    for (Path file : files) {
      try {
        Configuration configuration = ConfigFile.check(file);
        if (!json) {
          console.out().println(file + ": no mistakes: " + Summary.of(configuration.plan()));
        }
      } catch (ConfigException e) {
        e.problems().forEach(this::print);
        status = ExitStatus.UNUSABLE;
      }
    }
    return status;
  }

  private void print(Problem problem) {
    if (!json) {
      console.out().flush();
      console.err().println(ConfigProblems.text(problem, console.style()));
      return;
    }
    Json.line(
        console.out(),
        generator -> {
          generator.writeStringField("file", problem.file());
          generator.writeNumberField("line", problem.place().line());
          generator.writeNumberField("column", problem.place().column());
          generator.writeStringField("key", problem.path());
          generator.writeStringField("reason", problem.reason());
          generator.writeStringField("advice", problem.advice());
        });
  }
}
