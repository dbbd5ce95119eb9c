package org.xdp4j.daemon.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.xdp4j.bpf.counterexample.Counterexample;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.verifier.Refusal;
import org.xdp4j.bpf.verifier.Warning;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code xdp4j verify}: each program accepted, or refused and why. */
@Command(
    name = "verify",
    description = {
      "Proves each program of object files safe, or says why not.",
      "",
      "A program is judged by itself: trouble in another one does not touch it, unless the object"
          + " puts that one into a map of this one. Maps are the object's: one that Linux would not"
          + " make, used or not, refuses all programs. Exit status 1 when any is refused, 2 when a"
          + " file cannot be read.",
      "",
      "With --json each line has object, section, program, verdict (accept, reject, or error when a"
          + " program could not be judged), reason, insn, source and processed; and of a refusal"
          + " cause, function, instruction, registers, path, advice and"
          + " counterexample; warnings are about what is accepted and looks like a mistake."
    },
    footer = {
      "  xdp4j verify filters/firewall.bpf.o",
      "  xdp4j verify --json filters/*.o",
      "  xdp4j verify --as xdp tc_filter.o",
      "  xdp4j verify --target dispatcher.o replacement.o"
    })
final class VerifyCommand extends Verb {
  @Option(
      names = "--as",
      paramLabel = "xdp",
      description = "Take programs of any section for XDP programs.")
  private As as;

  @Option(
      names = "--log",
      description =
          "Print every step before the verdict, as the kernel's verifier log does; with --json on"
              + " standard error.")
  private boolean log;

  @Option(
      names = "--counterexample",
      paramLabel = "FILE",
      description = "Write the frames of counterexamples there, as a capture.")
  private Path counterexamples;

  @Option(
      names = "--target",
      paramLabel = "OBJ[:NAME]",
      description =
          "What freplace programs replace functions of; the other objects' programs unless given.")
  private String target;

  @Option(names = MaxEntries.OPTION, paramLabel = "MAP=N", description = MaxEntries.DESCRIPTION)
  private List<String> maxEntries;

  @Option(
      names = KernelFacts.KCONFIG,
      paramLabel = "FILE",
      description = KernelFacts.KCONFIG_DESCRIPTION)
  private Path kconfig;

  @Option(names = KernelFacts.BTF, paramLabel = "FILE", description = KernelFacts.BTF_DESCRIPTION)
  private Path btf;

  @Parameters(
      arity = "1..*",
      paramLabel = "OBJ[:NAME]",
      description =
          "Object files that clang built, all programs of each or one. Programs of sections like"
              + " ?xdp, which libbpf does not load by itself, have to be named.")
  private List<String> objects;

  private final List<Counterexample> found = new ArrayList<>();
  private MaxEntries sizes;
  private KernelFacts kernel;
  private ReplacedFunctions targets;
  private int status;

  VerifyCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws CliException {
    status = ExitStatus.OK;
    sizes = MaxEntries.parse(maxEntries);
    kernel = KernelFacts.read(kconfig, btf);
    List<ObjectFile> asked = new ArrayList<>();
    for (String object : objects) {
      asked.add(ObjectFile.parse(object));
    }
    if (counterexamples != null) {
      CounterexampleFile.check(counterexamples, files(asked));
    }
    targets = ReplacedFunctions.of(target, files(asked), kernel);
    for (ObjectFile one : asked) {
      judge(one);
    }
    if (counterexamples != null) {
      CounterexampleFile.write(counterexamples, found);
    }
    return status;
  }

  private static List<Path> files(List<ObjectFile> asked) {
    return asked.stream().map(ObjectFile::file).toList();
  }

  private void judge(ObjectFile asked) {
    Path file = asked.file();
    BpfObject object;
    List<BpfProgram> programs;
    try {
      object = sizes.applyTo(ObjectFile.read(file, kernel));
      programs =
          asked.program() == null
              ? object.programs().stream().filter(BpfProgram::autoloads).toList()
              : List.of(asked.choose(object, as == As.XDP));
    } catch (CliException e) {
      status = ExitStatus.UNUSABLE;
      if (json) {
        print(file, Judgement.ofUnreadable(e.getMessage()));
      }
      console.complain(e.getMessage());
      return;
    }
    warn(file, object);
    for (BpfProgram program : programs) {
      Judgement judgement =
          targets.judge(
              program,
              Judgement.of(object, program, as == As.XDP, log ? new LogOutput(words()) : null));
      if (judgement.verdict() != Judgement.Verdict.ACCEPT && status == ExitStatus.OK) {
        status = ExitStatus.REFUSED;
      }
      if (judgement.counterexample() != null) {
        found.add(judgement.counterexample());
      }
      print(file, judgement);
    }
    if (object.programs().isEmpty()) {
      words().println(file + ": there are no programs in it");
    } else if (asked.program() == null) {
      tellOfOthers(file, object);
    }
  }

  private void warn(Path file, BpfObject object) {
    if (object.untyped() != null) {
      words()
          .println(
              file
                  + ": Linux does not take its types, so programs are judged without them: "
                  + object.untyped());
    }
    if (object.ignored() != null) {
      words()
          .println(
              file
                  + ": its source lines, functions' types and CO-RE relocations are ignored, as"
                  + " libbpf does: "
                  + object.ignored());
    }
  }

  private void tellOfOthers(Path file, BpfObject object) {
    for (BpfProgram program : object.programs()) {
      if (!program.autoloads()) {
        words()
            .println(
                "%s: %s (section %s): left out, as libbpf does not load it by itself; ask for %s:%s"
                    .formatted(file, program.name(), program.section(), file, program.name()));
      }
    }
  }

  /** Where words for a person go: apart from JSON, whose lines a program reads. */
  private PrintStream words() {
    return json ? console.err() : console.out();
  }

  private void print(Path file, Judgement judgement) {
    if (json) {
      Json.line(console.out(), generator -> write(generator, file, judgement));
      return;
    }
    String name = file + ": " + judgement.program() + " (section " + judgement.section() + "): ";
    console.out().println(name + outcome(judgement));
    lines(judgement).forEach(console.out()::println);
  }

  private static String outcome(Judgement judgement) {
    return switch (judgement.verdict()) {
      case ACCEPT ->
          "accepted, " + Units.counted(judgement.processed(), "instruction") + " followed";
      case REJECT -> "refused";
      case ERROR -> "not judged";
    };
  }

  private List<String> lines(Judgement judgement) {
    List<String> lines = new ArrayList<>();
    Refusal refusal = judgement.refusal();
    if (refusal != null) {
      lines.addAll(RefusalText.of(refusal, console.style()));
      if (judgement.counterexample() != null || refusal.cause().isAboutPacket()) {
        lines.addAll(CounterexampleText.of(judgement.counterexample(), console.style()));
      }
    } else if (judgement.reason() != null) {
      lines.add("  " + judgement.reason());
    }
    for (Warning warning : judgement.warnings()) {
      lines.addAll(RefusalText.of(warning, console.style()));
    }
    return lines;
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
    RefusalJson.write(generator, judgement.refusal(), judgement.counterexample());
    RefusalJson.write(generator, judgement.warnings());
  }
}
