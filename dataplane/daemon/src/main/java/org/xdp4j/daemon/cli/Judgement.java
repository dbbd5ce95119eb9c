package org.xdp4j.daemon.cli;

import java.util.List;
import java.util.Set;
import org.xdp4j.bpf.LoadOptions;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.counterexample.Counterexample;
import org.xdp4j.bpf.counterexample.CounterexampleSearch;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.LineInfo;
import org.xdp4j.bpf.object.ProgramType;
import org.xdp4j.bpf.object.SectionKinds;
import org.xdp4j.bpf.verifier.Explanation;
import org.xdp4j.bpf.verifier.Refusal;
import org.xdp4j.bpf.verifier.Verifier;
import org.xdp4j.bpf.verifier.Warning;

/**
 * What is to be said of one program: accepted, or refused and why.
 *
 * @param section the program's, null when there is no program
 * @param program its name, null when the file could not be read
 * @param verdict accept, reject, or error when it could not even be judged
 * @param reason one sentence, null when accepted
 * @param explanation all there is to say; null when the verifier never saw it
 * @param counterexample an input that makes the refused access, null when none was found
 */
record Judgement(
    String section,
    String program,
    Verdict verdict,
    String reason,
    Explanation explanation,
    Counterexample counterexample) {

  /** Milliseconds to look for a counterexample in. */
  private static final int SEARCH_MILLIS = 200;

  /** The three outcomes. */
  enum Verdict {
    ACCEPT,
    REJECT,
    ERROR
  }

  /** The file cannot be read. */
  static Judgement ofUnreadable(String reason) {
    return new Judgement(null, null, Verdict.ERROR, reason, null, null);
  }

  /**
   * Judges one program by itself, and whether its object can be loaded for it: trouble in other
   * programs does not count, unless the object puts these into a map of the program's; trouble in
   * maps does, as in Linux, where all maps are made before programs are looked at.
   *
   * @param asXdp whether it is taken for an XDP program in any section
   * @param log where every step is written, or null
   */
  static Judgement of(BpfObject object, BpfProgram program, boolean asXdp, Appendable log) {
    if (program.problem() != null) {
      return without(program, Verdict.ERROR, program.problem());
    }
    boolean extension = program.type() == ProgramType.EXTENSION;
    if (!program.type().isXdp() && !extension && !asXdp && !isJumpedTo(object, program)) {
      String does = SectionKinds.of(program.section());
      return without(
          program,
          Verdict.ERROR,
          "section "
              + program.section()
              + " is not one of XDP programs (--as xdp takes it for one)"
              + (does.isEmpty() ? "" : ": what it has " + does));
    }
    BpfProgram typed =
        program.type().isXdp() || extension ? program : program.withType(ProgramType.XDP);
    try {
      String objection =
          LoadedObject.objection(object, typed, new LoadOptions(1, false, asXdp, Set.of()));
      return objection == null
          ? explained(typed, object.maps(), log)
          : without(program, Verdict.REJECT, withoutName(objection, program));
    } catch (RuntimeException | StackOverflowError e) {
      // A fault of ours in one program must not hide what is to be said of the others.
      return without(program, Verdict.ERROR, Sentences.ofInternal(e));
    }
  }

  private static Judgement explained(BpfProgram program, List<MapSpec> maps, Appendable log) {
    Explanation explanation =
        log == null ? Verifier.explain(program, maps) : Verifier.explain(program, maps, log);
    Refusal refusal = explanation.refusal();
    return new Judgement(
        program.section(),
        program.name(),
        refusal == null ? Verdict.ACCEPT : Verdict.REJECT,
        refusal == null ? null : refusal.sentence(),
        explanation,
        refusal == null
            ? null
            : CounterexampleSearch.find(program, maps, refusal, SEARCH_MILLIS).orElse(null));
  }

  /** Whether it is of a section whose programs are what those are that jump to them. */
  private static boolean isJumpedTo(BpfObject object, BpfProgram program) {
    return ProgramType.isOfCaller(program.section())
        && object.programs().stream().anyMatch(other -> other.type().isXdp());
  }

  /** The line it stands in says of which program it is. */
  private static String withoutName(String sentence, BpfProgram program) {
    String name = "program " + program.name() + ": ";
    return sentence.startsWith(name) ? sentence.substring(name.length()) : sentence;
  }

  static Judgement without(BpfProgram program, Verdict verdict, String reason) {
    return new Judgement(program.section(), program.name(), verdict, reason, null, null);
  }

  /** All there is to say of a refusal by the verifier, else null. */
  Refusal refusal() {
    return explanation == null ? null : explanation.refusal();
  }

  /** What is accepted but looks like a mistake. */
  List<Warning> warnings() {
    return explanation == null ? List.of() : explanation.warnings();
  }

  /** Index of the instruction it is about, null when there is none. */
  Integer instruction() {
    return refusal() == null || refusal().instruction() < 0 ? null : refusal().instruction();
  }

  /** That instruction's source line as {@code file:line: text}, null when not known. */
  String source() {
    return refusal() == null ? null : source(refusal().line());
  }

  /** Instructions followed, null when none were. */
  Integer processed() {
    if (explanation == null) {
      return null;
    }
    return explanation.accepted() ? explanation.program().processed() : refusal().processed();
  }

  /** A source line as {@code file:line: text}; null for null. */
  static String source(LineInfo line) {
    return line == null ? null : line.location() + ": " + line.text();
  }
}
