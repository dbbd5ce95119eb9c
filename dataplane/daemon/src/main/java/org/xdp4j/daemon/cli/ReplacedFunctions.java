package org.xdp4j.daemon.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.ProgramType;
import org.xdp4j.bpf.verifier.Extension;
import org.xdp4j.bpf.verifier.Verifier;
import org.xdp4j.bpf.verifier.VerifierException;

/**
 * The programs that {@code freplace} programs may replace functions of. Linux verifies such a
 * program for the function it is to replace, and so it takes both to judge it.
 */
final class ReplacedFunctions {
  private record Target(BpfObject object, BpfProgram program) {}

  private final List<Target> targets;

  private ReplacedFunctions(List<Target> targets) {
    this.targets = targets;
  }

  /**
   * Those of {@code OBJ[:NAME]}, or, when that is null, of all objects that can be read.
   *
   * @throws CliException when the named one cannot be
   */
  static ReplacedFunctions of(String named, List<Path> objects, KernelFacts kernel)
      throws CliException {
    List<Target> targets = new ArrayList<>();
    if (named != null) {
      ObjectFile file = ObjectFile.parse(named);
      BpfObject object = ObjectFile.read(file.file(), kernel);
      if (file.program() != null) {
        targets.add(new Target(object, file.choose(object, false)));
      } else {
        addAll(object, targets);
      }
      return new ReplacedFunctions(targets);
    }
    if (objects.size() > 1) { // an object by itself has nothing for another one
      for (Path file : objects) {
        try {
          addAll(ObjectFile.read(file, kernel), targets);
        } catch (CliException e) {
          continue; // which is said when its turn comes
        }
      }
    }
    return new ReplacedFunctions(targets);
  }

  private static void addAll(BpfObject object, List<Target> targets) {
    object.programs().stream()
        .filter(program -> program.type().isXdp() && program.problem() == null)
        .forEach(program -> targets.add(new Target(object, program)));
  }

  /** What is to be said of a program that is {@code alone} by itself. */
  Judgement judge(BpfProgram program, Judgement alone) {
    if (program.type() != ProgramType.EXTENSION || alone.verdict() != Judgement.Verdict.ACCEPT) {
      return alone;
    }
    String function = ProgramType.replacedBy(program.section());
    List<Target> having =
        targets.stream().filter(target -> target.program().function(function) != null).toList();
    if (having.size() != 1) {
      return Judgement.without(program, Judgement.Verdict.ERROR, needs(function, having));
    }
    String objection = objection(having.getFirst(), function, program);
    return objection == null
        ? alone
        : Judgement.without(program, Judgement.Verdict.REJECT, objection);
  }

  private String needs(String function, List<Target> having) {
    if (having.isEmpty() && !targets.isEmpty()) {
      return "it replaces function %s, which none of these has: %s"
          .formatted(function, names(targets));
    }
    return having.isEmpty()
        ? "it replaces function %s of another program: say of which with --target OBJ[:NAME]"
            .formatted(function)
        : "it replaces function %s, which several programs have, say of which with --target: %s"
            .formatted(function, names(having));
  }

  private static String names(List<Target> targets) {
    return targets.stream()
        .map(target -> target.object().file() + ":" + target.program().name())
        .collect(Collectors.joining(", "));
  }

  private static String objection(Target target, String function, BpfProgram extension) {
    try {
      Verifier.verify(target.program(), target.object().maps());
      return Extension.objection(target.program(), function, extension);
    } catch (VerifierException e) {
      return "program %s, of which it replaces function %s, is refused: %s"
          .formatted(target.program().name(), function, e.getMessage());
    }
  }
}
