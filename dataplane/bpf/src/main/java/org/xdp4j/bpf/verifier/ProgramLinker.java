package org.xdp4j.bpf.verifier;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Instructions;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.LineInfo;
import org.xdp4j.bpf.object.Subprogram;

/**
 * Puts two proved programs together, so that the first calls the second where it called a function
 * of its own. Both proofs hold as they are; it is their numbers that move. Numbers of types stand
 * in registers and cannot, so that each part keeps its object's types ({@link ProgramPart}):
 *
 * <pre>
 *  before   | caller ... f ...           |   | program that replaces f   |
 *  after    | caller ... f (uncalled) ...  program that replaces f       |
 *  maps     | the caller's               | the other's                   |
 *  types    | the caller's               | the other's                   |
 * </pre>
 */
final class ProgramLinker {
  private final VerifiedProgram caller;
  private final VerifiedProgram callee;
  private final int shift;
  private final int mapShift;

  ProgramLinker(VerifiedProgram caller, VerifiedProgram callee) {
    this.caller = caller;
    this.callee = callee;
    this.shift = caller.program().instructions().size();
    this.mapShift = caller.maps().size();
  }

  /** The two as one, every call of the function at {@code replaced} going to the second. */
  VerifiedProgram link(int replaced) {
    int count = shift + callee.program().instructions().size();
    MemoryKind[] kinds = new MemoryKind[count];
    int[] offsets = new int[count];
    int[] maps = new int[count];
    int[] functions = new int[count];
    boolean[] reached = new boolean[count];
    BranchOutcome[] outcomes = new BranchOutcome[count];
    for (int i = 0; i < count; i++) {
      boolean first = i < shift;
      VerifiedProgram from = first ? caller : callee;
      int at = first ? i : i - shift;
      kinds[i] = from.kind(at);
      offsets[i] = from.offset(at);
      maps[i] = moved(from.map(at), VerifiedProgram.NO_MAP, first ? 0 : mapShift);
      functions[i] = moved(from.function(at), VerifiedProgram.NO_FUNCTION, first ? 0 : shift);
      reached[i] = from.reached(at);
      outcomes[i] = from.outcome(at);
    }
    VerifiedProgram linked =
        new VerifiedProgram(
            program(replaced),
            maps(),
            kinds,
            offsets,
            maps,
            functions,
            reached,
            caller.processed() + callee.processed());
    linked.setClaims(outcomes, numbers(count));
    linked.setExceptionCallbacks(exceptionCallbacks());
    linked.setParts(parts());
    return linked;
  }

  private static int moved(int index, int none, int by) {
    return index == none ? none : index + by;
  }

  private Map<Integer, Integer> exceptionCallbacks() {
    Map<Integer, Integer> all = new TreeMap<>(caller.exceptionCallbacks());
    callee
        .exceptionCallbacks()
        .forEach((start, callback) -> all.put(start + shift, moved(callback, -1, shift)));
    return Collections.unmodifiableMap(all);
  }

  private List<MapSpec> maps() {
    List<MapSpec> all = new ArrayList<>(caller.maps());
    all.addAll(callee.maps());
    return Collections.unmodifiableList(all);
  }

  private List<ProgramPart> parts() {
    List<ProgramPart> all = new ArrayList<>(caller.parts());
    callee.parts().forEach(part -> all.add(part.shifted(shift)));
    return List.copyOf(all);
  }

  private NumberRange[] numbers(int count) {
    int registers = VerifiedProgram.NUMBERED_REGISTERS;
    NumberRange[] all = new NumberRange[count * registers];
    for (int i = 0; i < count; i++) {
      for (int r = 0; r < registers; r++) {
        all[i * registers + r] = i < shift ? caller.number(i, r) : callee.number(i - shift, r);
      }
    }
    return all;
  }

  private BpfProgram program(int replaced) {
    BpfProgram first = caller.program();
    BpfProgram second = callee.program();
    List<Subprogram> subprograms = new ArrayList<>(first.subprograms());
    for (Subprogram s : second.subprograms()) {
      subprograms.add(
          new Subprogram(s.name(), s.start() + shift, s.end() + shift, s.global(), s.btfFunc()));
    }
    List<LineInfo> lines = new ArrayList<>(first.lines());
    second.lines().forEach(line -> lines.add(line.at(line.instruction() + shift)));
    return new BpfProgram(
        first.name(),
        first.section(),
        first.type(),
        first.frags(),
        instructions(replaced),
        List.copyOf(subprograms),
        Collections.unmodifiableList(lines),
        first.gplCompatible(),
        null,
        first.btf(),
        first.kernel());
  }

  private List<Instruction> instructions(int replaced) {
    List<Instruction> own = caller.program().instructions();
    Instruction[] all =
        Arrays.copyOf(
            own.toArray(Instruction[]::new), shift + callee.program().instructions().size());
    for (int i = 0; i < shift; i = Instructions.nextIndex(own, i)) {
      if (own.get(i).isSubprogramCall() && Instructions.callTarget(own, i) == replaced) {
        all[i] = own.get(i).withImm(shift - i - 1);
      }
    }
    List<Instruction> others = callee.program().instructions();
    for (int i = 0; i < others.size(); i++) {
      all[shift + i] = others.get(i);
    }
    for (int i = 0; i < others.size(); i = Instructions.nextIndex(others, i)) {
      Instruction instruction = others.get(i);
      if (instruction.isWide()
          && (instruction.src() == Opcode.PSEUDO_MAP_IDX
              || instruction.src() == Opcode.PSEUDO_MAP_IDX_VALUE)) {
        all[shift + i] = instruction.withImm(instruction.imm() + mapShift);
      }
    }
    return List.of(all);
  }
}
