package org.xdp4j.bpf.compiler;

import static org.xdp4j.bpf.isa.Opcode.LDX;
import static org.xdp4j.bpf.isa.Opcode.PSEUDO_MAP_IDX;

import java.util.Arrays;
import java.util.List;
import org.xdp4j.bpf.generate.GeneratedProgram;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.verifier.MemoryKind;
import org.xdp4j.bpf.verifier.VerifiedProgram;

/**
 * What a verifier would find out about a generated program, taken from the roles its generator
 * gives the registers: r6 is the context, and a call's map is the last one loaded into r1.
 */
final class Roles {
  private static final int CONTEXT = 6;

  private Roles() {}

  static VerifiedProgram of(GeneratedProgram generated) {
    List<Instruction> code = generated.instructions();
    MemoryKind[] kinds = new MemoryKind[code.size()];
    int[] offsets = new int[code.size()];
    int[] maps = new int[code.size()];
    boolean[] reached = new boolean[code.size()];
    Arrays.fill(kinds, MemoryKind.MEMORY);
    Arrays.fill(offsets, VerifiedProgram.UNKNOWN_OFFSET);
    Arrays.fill(maps, VerifiedProgram.NO_MAP);
    Arrays.fill(reached, true);
    int map = VerifiedProgram.NO_MAP;
    for (int i = 0; i < code.size(); i++) {
      Instruction insn = code.get(i);
      if (insn.isWide() && insn.src() == PSEUDO_MAP_IDX && insn.dst() == 1) {
        map = insn.imm();
      } else if (insn.isHelperCall()) {
        maps[i] = map;
        map = VerifiedProgram.NO_MAP;
      } else if (insn.instructionClass() == LDX && insn.src() == CONTEXT) {
        kinds[i] = MemoryKind.CONTEXT;
        offsets[i] = insn.offset();
      }
    }
    return new VerifiedProgram(
        generated.program(), generated.maps(), kinds, offsets, maps, reached, 0);
  }
}
