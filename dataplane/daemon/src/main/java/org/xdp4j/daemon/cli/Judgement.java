package org.xdp4j.daemon.cli;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.xdp4j.bpf.counterexample.Counterexample;
import org.xdp4j.bpf.counterexample.CounterexampleSearch;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapFactory;
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
   * Judges one program by itself: only it and the maps it uses count.
   *
   * @param asXdp whether it is taken for an XDP program in any section
   * @param log where every step is written, or null
   */
  static Judgement of(BpfObject object, BpfProgram program, boolean asXdp, Appendable log) {
    if (program.problem() != null) {
      return without(program, Verdict.ERROR, program.problem());
    }
    boolean extension = program.type() == ProgramType.EXTENSION;
    if (!program.type().isXdp() && !extension && !asXdp) {
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
      checkMaps(object.maps(), typed);
      return explained(typed, object.maps(), log);
    } catch (MapException e) {
      return without(program, Verdict.REJECT, e.getMessage());
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

  private static Judgement without(BpfProgram program, Verdict verdict, String reason) {
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

  private static void checkMaps(List<MapSpec> maps, BpfProgram program) throws MapException {
    Set<Integer> used = new LinkedHashSet<>();
    for (Instruction i : program.instructions()) {
      boolean map = i.src() == Opcode.PSEUDO_MAP_IDX || i.src() == Opcode.PSEUDO_MAP_IDX_VALUE;
      if (i.isWide() && map) {
        used.add(i.imm());
      }
    }
    for (int index : used) {
      if (index >= 0 && index < maps.size()) {
        check(maps.get(index));
      }
    }
  }

  private static void check(MapSpec spec) throws MapException {
    if (spec.problem() != null) {
      throw new MapException("map '" + spec.name() + "' cannot be made: " + spec.problem());
    }
    MapFactory.check(spec);
  }
}
