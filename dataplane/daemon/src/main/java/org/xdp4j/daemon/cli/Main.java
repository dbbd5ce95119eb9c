package org.xdp4j.daemon.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParseResult;

/** The program: reads the arguments, runs a verb, turns whatever happens into an exit status. */
public final class Main {
  private static final Map<String, Function<Console, Verb>> VERBS = verbs();

  private Main() {}

  private static Map<String, Function<Console, Verb>> verbs() {
    Map<String, Function<Console, Verb>> verbs = new LinkedHashMap<>();
    verbs.put("run", RunCommand::new);
    verbs.put("check", CheckCommand::new);
    verbs.put("reload", ReloadCommand::new);
    verbs.put("replay", ReplayCommand::new);
    verbs.put("verify", VerifyCommand::new);
    verbs.put("test-run", TestRunCommand::new);
    verbs.put("disasm", DisasmCommand::new);
    verbs.put("maps", MapsCommand::new);
    verbs.put("capture-info", CaptureInfoCommand::new);
    verbs.put("helpers", HelpersCommand::new);
    verbs.put("conformance", ConformanceCommand::new);
    verbs.put("show", ShowCommand::new);
    verbs.put("top", TopCommand::new);
    verbs.put("map", MapVerbs::group);
    verbs.put("program", ProgramVerbs::group);
    verbs.put("capture", CaptureCommand::new);
    verbs.put("trace", TraceCommand::new);
    verbs.put("events", EventsCommand::new);
    return verbs;
  }

  /** Runs xdp4j with the process's streams and ends the process. */
  public static void main(String[] arguments) {
    Regions.prepare(arguments);
    Console console = Console.ofProcess();
    int status = finish(console, run(console, arguments));
    if (status == ExitStatus.INTERRUPTED) {
      Interruption.letEnd();
    }
    Runtime.getRuntime().halt(status);
  }

  /**
   * Runs one command.
   *
   * @return its exit status, see {@link ExitStatus}
   */
  public static int run(Console console, String... arguments) {
    int status;
    try {
      status = commandLine(console, arguments).execute(arguments);
    } catch (RuntimeException | Error error) {
      trace(console, error);
      console.complain(Sentences.ofInternal(error));
      status = ExitStatus.INTERNAL;
    }
    console.out().flush();
    return status;
  }

  private static CommandLine commandLine(Console console, String... arguments) {
    CommandLine line = new CommandLine(new Xdp4j().spec());
    String named = arguments.length == 0 ? "" : arguments[0];
    VERBS.forEach(
        (name, verb) -> {
          // Reading the annotations of all verbs takes longer than most of them run.
          if (name.equals(named) || !VERBS.containsKey(named)) {
            line.addSubcommand(name, verb.apply(console).spec());
          }
        });
    CommandLine conformance = line.getSubcommands().get("conformance");
    if (conformance != null) {
      // Its arguments belong to the protocol, whatever they look like.
      conformance.setUnmatchedOptionsArePositionalParams(true);
    }
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
