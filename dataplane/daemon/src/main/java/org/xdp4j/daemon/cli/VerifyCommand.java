package org.xdp4j.daemon.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code xdp4j verify}: each program accepted, or refused and why. */
@Command(
    name = "verify",
    description = {
      "Proves each program of object files safe, or says why not.",
      "",
      "A program is judged by itself: trouble in another one, or in a map it does not use, does not"
          + " touch it. Exit status 1 when any is refused, 2 when a file cannot be read.",
      "",
      "With --json each line has object, section, program, verdict (accept, reject, or error when a"
          + " program could not be judged), reason, insn, source and processed; and of a refusal"
          + " cause, function, instruction, registers, path and advice."
    },
    footer = {
      "  xdp4j verify filters/firewall.bpf.o",
      "  xdp4j verify --json filters/*.o",
      "  xdp4j verify --as xdp tc_filter.o"
    })
final class VerifyCommand extends Verb {
  @Option(
      names = "--as",
      paramLabel = "xdp",
      description = "Take programs of any section for XDP programs.")
  private As as;

  @Parameters(arity = "1..*", paramLabel = "OBJ", description = "Object files that clang built.")
  private List<Path> objects;

  private int status;

  VerifyCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() {
    status = ExitStatus.OK;
    for (Path file : objects) {
      judge(file);
    }
    return status;
  }

  private void judge(Path file) {
    BpfObject object;
    try {
      object = ObjectFile.read(file);
    } catch (CliException e) {
      status = ExitStatus.UNUSABLE;
      if (json) {
        print(file, Judgement.ofUnreadable(e.getMessage()));
      }
      console.complain(e.getMessage());
      return;
    }
    for (BpfProgram program : object.programs()) {
      Judgement judgement = Judgement.of(object, program, as == As.XDP);
      if (judgement.verdict() != Judgement.Verdict.ACCEPT && status == ExitStatus.OK) {
        status = ExitStatus.REFUSED;
      }
      print(file, judgement);
    }
    if (object.programs().isEmpty() && !json) {
      console.out().println(file + ": there are no programs in it");
    }
  }

  private void print(Path file, Judgement judgement) {
    if (json) {
      Json.line(console.out(), generator -> write(generator, file, judgement));
      return;
    }
    String name = file + ": " + judgement.program() + " (section " + judgement.section() + "): ";
    if (judgement.verdict() == Judgement.Verdict.ACCEPT) {
      console
          .out()
          .println(
              name
                  + "accepted, "
                  + Units.counted(judgement.processed(), "instruction")
                  + " followed");
      return;
    }
    if (judgement.refusal() != null) {
      console.out().println(name + "refused");
      RefusalText.of(judgement.refusal(), console.style()).forEach(console.out()::println);
      return;
    }
    boolean refused = judgement.verdict() == Judgement.Verdict.REJECT;
    console.out().println(name + (refused ? "refused" : "not judged"));
    console.out().println("  " + judgement.reason());
    String source = judgement.source();
    if (source != null && !judgement.reason().contains(location(source))) {
      console.out().println("  at " + source);
    }
  }

  private static void write(JsonGenerator generator, Path file, Judgement judgement)
      throws IOException {
    Json.string(generator, "object", file.toString());
    Json.string(generator, "section", judgement.section());
    Json.string(generator, "program", judgement.program());
    Json.string(generator, "verdict", judgement.verdict().name().toLowerCase(Locale.ROOT));
    Json.string(generator, "reason", judgement.reason());
    Json.number(generator, "insn", judgement.instruction());
    Json.string(generator, "source", judgement.source());
    Json.number(generator, "processed", judgement.processed());
    RefusalJson.write(generator, judgement.refusal());
  }

  /** {@code file:line} of {@code file:line: text}. */
  private static String location(String source) {
    int end = source.indexOf(": ");
    return end < 0 ? source : source.substring(0, end);
  }
}
