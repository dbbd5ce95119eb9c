package org.xdp4j.daemon.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParseResult;

/** The program: reads the arguments, runs a verb, turns whatever happens into an exit status. */
public final class Main {
  private Main() {}

  /** Runs xdp4j with the process's streams and ends the process. */
  public static void main(String[] arguments) {
    Regions.prepare(arguments);
    Console console = Console.ofProcess();
    int status = run(console, arguments);
    Runtime.getRuntime().halt(finish(console, status));
  }

  /**
   * Runs one command.
   *
   * @return its exit status, see {@link ExitStatus}
   */
  public static int run(Console console, String... arguments) {
    int status;
    try {
      status = commandLine(console).execute(arguments);
    } catch (RuntimeException | Error error) {
      trace(console, error);
      console.complain(Sentences.ofInternal(error));
      status = ExitStatus.INTERNAL;
    }
    console.out().flush();
    return status;
  }

  private static CommandLine commandLine(Console console) {
    CommandLine line = new CommandLine(new Xdp4j());
    for (Verb verb : verbs(console)) {
      line.addSubcommand(verb);
    }
    // Its arguments belong to the protocol, whatever they look like.
    line.getSubcommands().get("conformance").setUnmatchedOptionsArePositionalParams(true);
    return line.setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8))
        .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
        .setUsageHelpAutoWidth(false)
        .setUsageHelpWidth(100)
        .setCaseInsensitiveEnumValuesAllowed(true)
        // @FILE is for the verbs: a frame's bytes, not further arguments.
        .setExpandAtFiles(false)
        .setParameterExceptionHandler(
            (error, given) -> {
              console.complain(Sentences.of(error));
              trace(console, error);
              return ExitStatus.UNUSABLE;
            })
        .setExecutionExceptionHandler((error, command, parsed) -> explain(console, error, parsed));
  }

  private static List<Verb> verbs(Console console) {
    return List.of(
        new ReplayCommand(console),
        new VerifyCommand(console),
        new TestRunCommand(console),
        new DisasmCommand(console),
        new MapsCommand(console),
        new CaptureInfoCommand(console),
        new ConformanceCommand(console));
  }

  private static int explain(Console console, Exception error, ParseResult parsed) {
    trace(console, error);
    if (error instanceof CliException known) {
      console.complain(known.getMessage());
      return known.status();
    }
    console.complain(Sentences.ofInternal(error));
    return ExitStatus.INTERNAL;
  }

  private static void trace(Console console, Throwable error) {
    if (console.debug()) {
      error.printStackTrace(console.err());
    }
  }

  private static int finish(Console console, int status) {
    console.out().flush();
    console.err().flush();
    IOException failure = WatchedOutput.failure();
    if (failure == null) {
      return status;
    }
    if (String.valueOf(failure.getMessage()).contains("Broken pipe")) {
      return ExitStatus.BROKEN_PIPE;
    }
    console.complain("standard output cannot be written: " + failure.getMessage());
    return ExitStatus.UNUSABLE;
  }
}
