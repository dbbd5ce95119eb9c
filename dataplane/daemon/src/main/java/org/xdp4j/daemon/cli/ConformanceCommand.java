package org.xdp4j.daemon.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.Conformance;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code xdp4j conformance}: the plugin protocol of bpf_conformance. */
@Command(
    name = "conformance",
    description = {
      "Runs one raw program, as plugins of bpf_conformance do.",
      "",
      "Standard input holds the program as hex text, MEMORY what r1 points at, as hex bytes"
          + " separated by spaces. r2 is its length. Prints r0 in hex.",
      "",
      "Other arguments begin with --: --interpret runs the program in the checked interpreter, all"
          + " others mean nothing here and are passed over. Exit status 1 when the program cannot"
          + " be run."
    },
    footer = {
      "  echo 'b7 00 00 00 2a 00 00 00 95 00 00 00 00 00 00 00' | xdp4j conformance",
      "  xdp4j conformance 'aa bb 11 cc dd' < program.hex",
      "  bpf_conformance_runner --test_file_directory tests --plugin_path xdp4j"
          + " --plugin_options conformance"
    })
final class ConformanceCommand extends Verb {
  @Parameters(
      arity = "0..*",
      paramLabel = "MEMORY",
      description = "Hex bytes; nothing when there is no memory.")
  private List<String> arguments = new ArrayList<>();

  ConformanceCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() {
    String[] given = arguments.toArray(String[]::new);
    if (!json) {
      return Conformance.run(given, console.in(), console.out(), console.err());
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status = Conformance.run(given, console.in(), print(out), print(err));
    Json.line(
        console.out(),
        generator -> {
          if (status == ExitStatus.OK) {
            generator.writeStringField("r0", "0x" + text(out));
          } else {
            generator.writeStringField("error", text(err));
          }
        });
    return status;
  }

  private static PrintStream print(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  private static String text(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8).strip();
  }
}
