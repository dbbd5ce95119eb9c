package org.xdp4j.daemon.cli;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.MapException;
import org.xdp4j.bpf.map.MapFactory;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.object.BpfObject;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.LineInfo;
import org.xdp4j.bpf.object.ProgramType;
import org.xdp4j.bpf.verifier.Refusal;
import org.xdp4j.bpf.verifier.Verifier;
import org.xdp4j.bpf.verifier.VerifierException;

/**
 * What is to be said of one program: accepted, or refused and why.
 *
 * @param section the program's, null when there is no program
 * @param program its name, null when the file could not be read
 * @param verdict accept, reject, or error when it could not even be judged
 * @param reason one sentence, null when accepted
 * @param instruction index of the instruction it is about, null when there is none
 * @param source that instruction's source line as {@code file:line: text}, null when not known
 * @param processed instructions followed, null when none were
 * @param refusal all there is to say of a refusal by the verifier, else null
 */
record Judgement(
    String section,
    String program,
    Verdict verdict,
    String reason,
    Integer instruction,
    String source,
    Integer processed,
    Refusal refusal) {

  /** The three outcomes. */
  enum Verdict {
    ACCEPT,
    REJECT,
    ERROR
  }

  /** The file cannot be read. */
  static Judgement ofUnreadable(String reason) {
    return new Judgement(null, null, Verdict.ERROR, reason, null, null, null, null);
  }

  /**
   * Judges one program by itself: only it and the maps it uses count.
   *
   * @param asXdp whether it is taken for an XDP program in any section
   */
  static Judgement of(BpfObject object, BpfProgram program, boolean asXdp) {
    if (program.problem() != null) {
      return error(program, program.problem());
    }
    if (!program.type().isXdp() && !asXdp) {
      return error(
          program,
          "section "
              + program.section()
              + " is not one of XDP programs (--as xdp takes it for one)");
    }
    BpfProgram typed = program.type().isXdp() ? program : program.withType(ProgramType.XDP);
    try {
      checkMaps(object.maps(), typed);
      int processed = Verifier.explain(typed, object.maps()).processed();
      return new Judgement(
          program.section(), program.name(), Verdict.ACCEPT, null, null, null, processed, null);
    } catch (MapException e) {
      return new Judgement(
          program.section(),
          program.name(),
          Verdict.REJECT,
          e.getMessage(),
          null,
          null,
          null,
          null);
    } catch (VerifierException e) {
      return refused(program, e);
    } catch (RuntimeException | StackOverflowError e) {
      // A fault of ours in one program must not hide what is to be said of the others.
      return error(program, Sentences.ofInternal(e));
    }
  }

  private static Judgement refused(BpfProgram program, VerifierException e) {
    LineInfo line = e.line();
    return new Judgement(
        program.section(),
        program.name(),
        Verdict.REJECT,
        e.getMessage(),
        e.instruction() < 0 ? null : e.instruction(),
        line == null ? null : line.location() + ": " + line.text(),
        e.processed(),
        e.refusal());
  }

  private static Judgement error(BpfProgram program, String reason) {
    return new Judgement(
        program.section(), program.name(), Verdict.ERROR, reason, null, null, null, null);
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
