package org.xdp4j.bpf.verifier;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.StringJoiner;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.LineInfo;

/**
 * Writes every step in the manner of the kernel's verifier log at level 2, without its notes on
 * liveness. Each line is written when its step is done; nothing is kept.
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

  /** Has the counts; null for a program refused before a proof began. */
  private Verification counted;

  VerifierLog(BpfProgram program, List<MapSpec> maps, Appendable out) {
    this.program = program;
    this.maps = maps;
    this.out = out;
  }

  @Override
  public void begin(Verification v) {
    counted = v;
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
  public void seek(int frame, int instruction, int checkpoint) {
    note(
        "frame%d: last_idx %d first_idx %d subseq_idx -1 "
            .formatted(frame, instruction, checkpoint));
  }

  @Override
  public void passBack(int frame, int registers, long slots, int index) {
    Instruction i = program.instructions().get(index);
    Instruction second = i.isWide() ? program.instructions().get(index + 1) : null;
    note(
        "frame%d: regs=%s stack=%s before %d: %s"
            .formatted(
                frame,
                registers(registers),
                stack(slots),
                index,
                KernelInstructionText.of(i, second, maps)));
  }

  @Override
  public void markPrecise(VerifierState checkpoint, int frame, int registers, long slots) {
    note(
        "frame%d: parent state regs=%s stack=%s: %s"
            .formatted(
                frame,
                registers(registers),
                stack(slots),
                KernelStateText.of(checkpoint, frame, registers, slots)));
  }

  private static String registers(int mask) {
    StringJoiner names = new StringJoiner(",");
    for (int r = 0; r < Frame.REGISTERS; r++) {
      if ((mask >>> r & 1) != 0) {
        names.add("r" + r);
      }
    }
    return names.toString();
  }

  private static String stack(long mask) {
    StringJoiner names = new StringJoiner(",");
    for (long left = mask; left != 0; left &= left - 1) {
      names.add("-" + (Long.numberOfTrailingZeros(left) + 1) * Long.BYTES);
    }
    return names.toString();
  }

  /** A line between an instruction and the state behind it, which then has a line of its own. */
  private void note(String text) {
    write((isLineOpen ? "\n" : "") + "mark_precise: " + text + "\n");
    isLineOpen = false;
  }

  @Override
  public void after(VerifierState state, int index, int next) {
    Instruction i = program.instructions().get(index);
    if (next == CallTransfer.END) {
      endLine();
    } else if (state.frame() != frame) {
      endLine();
      changedFrame(state, i.isExit(), next);
    } else if (!isLineOpen) {
      write(index + ":" + KernelStateText.of(state, touched, touchedSlots | changed()) + "\n");
    } else {
      String states = KernelStateText.of(state, touched, touchedSlots | changed());
      int column = Math.ceilDiv(Math.max(width + TAB / 2, COLUMN), TAB) * TAB;
      boolean isBare = touched == 0 && states.isEmpty();
      write(isBare ? "\n" : " ".repeat(column - width - 1) + ";" + states + "\n");
    }
    isLineOpen = false;
  }

  private void endLine() {
    if (isLineOpen) {
      write("\n");
    }
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
      depths.append(f == 0 ? "" : "+").append(v.fastCalls.depth(f, v.stackDepths[f]));
    }
    write(depths.append('\n').toString());
    counts(v.processed);
  }

  /** Ends the log of a program that was refused. */
  void refused(Refusal refusal) {
    write((isLineOpen ? "\n" : "") + refusal.reason() + "\n");
    counts(refusal.processed());
  }

  private void counts(int processed) {
    boolean began = counted != null;
    int atOne = began ? counted.mostCheckpointsAtOne : 0;
    int total = began ? counted.checkpoints : 0;
    int peak = began ? counted.mostCheckpoints : 0;
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
