package org.xdp4j.bpf.verifier;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.LineInfo;

/**
 * Writes every step in the manner of the kernel's verifier log at level 2, without its notes on
 * precision and liveness. Each line is written when its step is done; nothing is kept.
 *
 * <pre>
 *  0: R1=ctx() R10=fp0
 *  ; void *end = (void *)(long)ctx->data_end; @ parse.bpf.c:14
 *  0: (61) r2 = *(u32 *)(r1 +4)          ; R1=ctx() R2=pkt_end()
 *
 *  from 5 to 9: R0=0 R10=fp0
 *  9: R0=0 R10=fp0
 *  9: (95) exit
 * </pre>
 */
final class VerifierLog implements VerifierObserver {
  /** Where the state after an instruction begins, at the least. */
  private static final int COLUMN = 40;

  private static final int TAB = 8;

  private static final int NOWHERE = -1;

  private final BpfProgram program;
  private final List<MapSpec> maps;
  private final Appendable out;
  private LineInfo line;
  private int width;
  private int touched;
  private long touchedSlots;
  private Frame frame;
  private StackSlot[] slots = {};
  private int resumedFrom = NOWHERE;
  private boolean isNewPath = true;
  private boolean isLineOpen;

  VerifierLog(BpfProgram program, List<MapSpec> maps, Appendable out) {
    this.program = program;
    this.maps = maps;
    this.out = out;
  }

  @Override
  public void resume(VerifierState state) {
    resumedFrom = state.history == null ? 0 : state.history.instruction;
    isNewPath = true;
  }

  private void origin(int index) {
    write("\nfrom " + resumedFrom + " to " + index + ":");
    resumedFrom = NOWHERE;
  }

  @Override
  public void before(VerifierState state, int index) {
    if (resumedFrom != NOWHERE) {
      origin(index);
      write(KernelStateText.all(state) + "\n");
    }
    if (isNewPath) {
      write(index + ":" + KernelStateText.all(state) + "\n");
      isNewPath = false;
    }
    source(index);
    Instruction i = program.instructions().get(index);
    Instruction second = i.isWide() ? program.instructions().get(index + 1) : null;
    String text = index + ": " + KernelInstructionText.of(i, second, maps);
    write(text);
    width = text.length() + 1;
    isLineOpen = true;
    touched = Liveness.read(i) | Liveness.written(i);
    touchedSlots = slots(state, i);
    keepSlots(state);
  }

  private void source(int index) {
    LineInfo now = program.lineOf(index);
    boolean same = now == null || line != null && now.location().equals(line.location());
    if (!same) {
      String file = now.file().substring(now.file().lastIndexOf('/') + 1);
      write("; " + now.text() + " @ " + file + ":" + now.line() + "\n");
    }
    line = now == null ? line : now;
  }

  /** The stack slots of the innermost frame that an instruction accesses by itself. */
  private static long slots(VerifierState state, Instruction i) {
    boolean load = i.instructionClass() == Opcode.LDX;
    if (!load && i.instructionClass() != Opcode.ST && i.instructionClass() != Opcode.STX) {
      return 0;
    }
    RegisterState base = state.registers()[load ? i.src() : i.dst()];
    boolean here =
        base.kind() == RegisterKind.STACK
            && base.hasFixedOffset()
            && base.frame() == state.depth - 1;
    long at = here ? base.fixedOffset() + i.offset() : 0;
    return at < 0 && at >= -VerifierLimits.STACK
        ? StackBounds.slots((int) at, (int) Math.min(0, at + i.accessSize()))
        : 0;
  }

  private void keepSlots(VerifierState state) {
    frame = state.frame();
    if (slots.length < frame.slots()) {
      slots = new StackSlot[frame.slots() + 8];
    }
    for (int s = 0; s < slots.length; s++) {
      slots[s] = frame.slot(s);
    }
  }

  @Override
  public void after(VerifierState state, int index, int next) {
    Instruction i = program.instructions().get(index);
    if (next == CallTransfer.END) {
      write("\n");
    } else if (state.frame() != frame) {
      write("\n");
      changedFrame(state, i.isExit(), next);
    } else {
      String states = KernelStateText.of(state, touched, touchedSlots | changed());
      int column = Math.ceilDiv(Math.max(width + TAB / 2, COLUMN), TAB) * TAB;
      boolean isBare = touched == 0 && states.isEmpty();
      write(isBare ? "\n" : " ".repeat(column - width - 1) + ";" + states + "\n");
    }
    isLineOpen = false;
  }

  private long changed() {
    long changed = 0;
    for (int s = 0; s < Math.min(frame.slots(), 64); s++) {
      StackSlot before = s < slots.length ? slots[s] : StackSlot.INVALID;
      changed |= frame.slot(s) == before ? 0 : 1L << s;
    }
    return changed;
  }

  private void changedFrame(VerifierState state, boolean returned, int next) {
    if (returned) {
      write("returning from callee:\n");
      write("to caller at " + next + ":\n" + KernelStateText.all(state) + "\n\n");
    } else {
      write("callee:\n" + KernelStateText.all(state) + "\n");
    }
    isNewPath = false;
  }

  @Override
  public void prune(VerifierState state, int instruction, VerifierState checkpoint) {
    if (resumedFrom != NOWHERE) {
      origin(instruction);
      write(" safe\n");
    } else {
      write(instruction + ": safe\n");
    }
  }

  @Override
  public void finish(Verification v) {
    StringBuilder depths = new StringBuilder("stack depth ");
    for (int f = 0; f < v.stackDepths.length; f++) {
      depths.append(f == 0 ? "" : "+").append(v.stackDepths[f]);
    }
    write(depths.append('\n').toString());
    counts(v.processed, v.mostCheckpointsAtOne, v.checkpoints, v.mostCheckpoints);
  }

  /** Ends the log of a program that was refused. */
  void refused(Refusal refusal) {
    write((isLineOpen ? "\n" : "") + refusal.reason() + "\n");
    counts(refusal.processed(), 0, 0, 0);
  }

  private void counts(int processed, int atOne, int total, int peak) {
    write(
        "processed %d insns (limit %d) max_states_per_insn %d total_states %d peak_states %d"
                .formatted(processed, VerifierLimits.PROCESSED, atOne, total, peak)
            + " mark_read 0\n");
  }

  private void write(String text) {
    try {
      out.append(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
