package org.xdp4j.bpf;

import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.isa.Assembler;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.ProgramType;
import org.xdp4j.bpf.object.RunConfig;
import org.xdp4j.bpf.object.Subprogram;
import org.xdp4j.bpf.verifier.VerifiedProgram;
import org.xdp4j.bpf.verifier.Verifier;
import org.xdp4j.bpf.verifier.VerifierException;

/**
 * The program that runs a chain of others, with functions where these are to stand. It decides as
 * libxdp's does (xdp-dispatcher.c): bit {@code code % 64} of the chain-call actions says whether to
 * go on.
 */
final class Dispatcher {
  /** Codes that are counted apart: the five actions, and all others together. */
  static final int CODES = 6;

  private static final String NAME = "xdp_dispatcher";

  /** XDP_DISPATCHER_RETVAL (xdp/prog_dispatcher.h): what no program may end a chain with. */
  private static final int GO_ON = 1 << 31;

  /** Slots of a function that stands where a program will: a number nothing is known of. */
  private static final String STAND_IN = "call 7; exit\n";

  private static final int STAND_IN_SLOTS = 2;

  private final List<RunConfig> configs;

  Dispatcher(List<RunConfig> configs) {
    this.configs = configs;
  }

  /** The name of the function that program {@code index} replaces. */
  static String function(int index) {
    return "prog" + index;
  }

  /** Its only map: how often each program returned each code. */
  MapSpec counts() {
    return MapSpec.of(
        "xdp_disp.counts",
        MapType.PERCPU_ARRAY,
        Integer.BYTES,
        Long.BYTES,
        configs.size() * CODES,
        0);
  }

  /**
   * The dispatcher, proved.
   *
   * @param frags whether it takes frames of several buffers
   */
  VerifiedProgram verified(boolean frags) {
    List<Instruction> code = Assembler.assemble(source());
    List<Subprogram> functions = new ArrayList<>();
    int start = code.size() - STAND_IN_SLOTS * configs.size();
    functions.add(new Subprogram(NAME, 0, start, false, 0));
    for (int i = 0; i < configs.size(); i++) {
      functions.add(new Subprogram(function(i), start, start + STAND_IN_SLOTS, false, 0));
      start += STAND_IN_SLOTS;
    }
    BpfProgram program =
        new BpfProgram(NAME, "xdp", ProgramType.XDP, frags, code, functions, List.of(), true, null);
    try {
      return Verifier.verify(program, List.of(counts()));
    } catch (VerifierException e) {
      throw new IllegalStateException("the dispatcher is not safe", e);
    }
  }

  private String source() {
    StringBuilder source = new StringBuilder("r6 = r1\n");
    for (int i = 0; i < configs.size(); i++) {
      source.append(step(i, configs.get(i).chainCallActions() | GO_ON));
    }
    source.append("w0 = 2\nend: exit\n");
    for (int i = 0; i < configs.size(); i++) {
      source.append("prog").append(i).append(": ").append(STAND_IN);
    }
    return source.toString();
  }

  private static String step(int index, int actions) {
    return """
    r1 = r6
    call prog%1$d
    w7 = w0
    w1 = w7
    if w1 < %2$d goto known%1$d
    w1 = %2$d
    known%1$d: w1 += %3$d
    *(u32 *)(r10 - 4) = r1
    r2 = r10
    r2 += -4
    r1 = map[0] ll
    call 1
    if r0 == 0 goto counted%1$d
    r1 = *(u64 *)(r0 + 0)
    r1 += 1
    *(u64 *)(r0 + 0) = r1
    counted%1$d: w0 = w7
    w1 = %4$d
    w2 = w7
    r1 >>= r2
    w1 &= 1
    if w1 == 0 goto end
    """
        .formatted(index, CODES - 1, index * CODES, actions);
  }
}
