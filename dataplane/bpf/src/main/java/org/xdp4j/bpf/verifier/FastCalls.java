package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.helper.Helpers;
import org.xdp4j.bpf.helper.KfuncSpec;
import org.xdp4j.bpf.helper.Kfuncs;
import org.xdp4j.bpf.helper.ReturnKind;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;

/**
 * Calls that Linux makes without a call, so that r1 to r5 survive them ({@code bpf_fastcall}; since
 * clang 20). For older kernels clang spills those registers before and fills them behind, to the
 * lowest slots of the function; Linux leaves both out and the slots do not count as stack:
 *
 * <pre>
 *   *(u64 *)(r10 - 16) = r1
 *   *(u64 *)(r10 - 8) = r2
 *   call 8
 *   r2 = *(u64 *)(r10 - 8)
 *   r1 = *(u64 *)(r10 - 16)
 * </pre>
 *
 * <p>Unless anything else touches those slots, or another call has them around it that Linux does
 * make (kernel: mark_fastcall_patterns, check_fastcall_stack_contract).
 */
final class FastCalls {
  private static final int SPILL = Opcode.STX | Opcode.MEM | Opcode.DW;
  private static final int FILL = Opcode.LDX | Opcode.MEM | Opcode.DW;
  private static final int FRAME = 10;
  private static final int CALLER_SAVED = 6;
  private static final int BROKEN = Integer.MIN_VALUE;

  private final Verification v;

  /** By function: where the slots of its patterns end, 0 for none. */
  private final int[] ends;

  /** By function: whether it has a pattern around a call that is left out. */
  private final boolean[] fast;

  /** By function: whether it has one around a call that is made. */
  private final boolean[] slow;

  /** By instruction: whether it is a spill or fill of a pattern. */
  private final boolean[] pattern;

  FastCalls(Verification v, int length) {
    this.v = v;
    ends = new int[v.flow.functions()];
    fast = new boolean[ends.length];
    slow = new boolean[ends.length];
    pattern = new boolean[length];
    for (int f = 0; f < ends.length; f++) {
      find(f, length);
    }
  }

  private void find(int function, int length) {
    int lowest = 0;
    for (int i = v.flow.start(function); i < v.flow.end(function); i++) {
      Instruction instruction = v.instruction(i);
      if (instruction.opcode() == SPILL && instruction.dst() == FRAME) {
        lowest = Math.min(lowest, instruction.offset());
      }
    }
    for (int i = v.flow.start(function); i < v.flow.end(function) && lowest < 0; i++) {
      HelperSpec call = called(v.instruction(i));
      if (call != null) {
        mark(function, i, call, lowest, length);
      }
    }
  }

  private static HelperSpec called(Instruction instruction) {
    if (instruction.isHelperCall()) {
      return Helpers.byId(instruction.imm()).orElse(null);
    }
    return instruction.isCall() && instruction.src() == Opcode.PSEUDO_KFUNC_CALL
        ? Kfuncs.calledBy(instruction).map(KfuncSpec::call).orElse(null)
        : null;
  }

  private void mark(int function, int at, HelperSpec call, int lowest, int length) {
    int wanted = (1 << CALLER_SAVED) - 1;
    for (int r = call.returns() == ReturnKind.VOID ? 1 : 0; r <= call.arguments().size(); r++) {
      wanted &= ~(1 << r);
    }
    int offset = lowest;
    int i = 1;
    for (; i <= CALLER_SAVED && at - i >= 0 && at + i < length; i++, offset += Long.BYTES) {
      Instruction spill = v.instruction(at - i);
      Instruction fill = v.instruction(at + i);
      boolean pair =
          isOf(spill, SPILL, spill.dst(), offset)
              && isOf(fill, FILL, fill.src(), offset)
              && spill.src() == fill.dst()
              && (wanted & 1 << spill.src()) != 0;
      if (!pair) {
        break;
      }
      wanted &= ~(1 << spill.src());
      pattern[at - i] = true;
      pattern[at + i] = true;
    }
    if (i > 1) {
      (call.isInlined() ? fast : slow)[function] = true;
      ends[function] = Math.min(ends[function], offset);
    }
  }

  private static boolean isOf(Instruction instruction, int opcode, int base, int offset) {
    return instruction.opcode() == opcode && base == FRAME && instruction.offset() == offset;
  }

  /** The current instruction touches the stack of {@code function} from {@code offset} up. */
  void touch(int function, int offset) {
    if (ends[function] > offset && !pattern[v.index]) {
      ends[function] = BROKEN;
    }
  }

  /** Bytes of stack the function needs, which its paths touch {@code touched} of. */
  int depth(int function, int touched) {
    boolean less = fast[function] && !slow[function] && ends[function] != BROKEN;
    return less ? -ends[function] : touched;
  }
}
