package org.xdp4j.bpf.object;

import java.util.List;
import org.xdp4j.bpf.isa.Instruction;

/**
 * A function with everything resolved that is the same in each program it is linked into.
 *
 * @param instructions its slots; those of {@code calls} still need their target's place
 * @param calls ascending by slot
 * @param problem the first thing that could not be resolved, in one sentence; or null
 */
record ResolvedFunction(
    CodeFunction function, Instruction[] instructions, List<Call> calls, String problem) {
  /**
   * A call of a subprogram, or an LDDW of its address.
   *
   * @param slot within the function
   */
  record Call(int slot, CodeFunction target) {}
}
