package org.xdp4j.bpf.generate;

import java.util.List;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.ProgramType;
import org.xdp4j.bpf.object.Subprogram;

/**
 * A generated program with the maps it indexes.
 *
 * @param seed makes it again
 */
public record GeneratedProgram(
    long seed, List<Instruction> instructions, List<Subprogram> subprograms, List<MapSpec> maps) {

  /** As an object file would give it. */
  public BpfProgram program() {
    return new BpfProgram(
        "generated_" + seed,
        "xdp",
        ProgramType.XDP,
        false,
        instructions,
        subprograms,
        List.of(),
        true,
        null);
  }
}
