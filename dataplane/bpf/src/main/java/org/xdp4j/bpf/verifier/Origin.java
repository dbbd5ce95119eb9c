package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.helper.Helpers;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;

/**
 * Where the value of a register came from on the path that was followed: moves, spills, fills,
 * constant offsets and calls are gone through backwards until something made the value.
 */
final class Origin {
  private final Verification v;
  private int register;
  private int frame;

  private Origin(Verification v, int register) {
    this.v = v;
    this.register = register;
    this.frame = v.state.depth - 1;
  }

  /** The step that made what {@code register} of the current frame holds, or null. */
  static Step of(Verification v, int register) {
    return new Origin(v, register).find(v.state.history.previous);
  }

  private Step find(Step from) {
    int fillFrame = -1;
    int fillSlot = -1;
    for (Step s = from; s != null; s = s.previous) {
      Instruction i = v.instruction(s.instruction);
      if (fillSlot >= 0) {
        boolean spill = i.instructionClass() == Opcode.STX && s.stackSlot == fillSlot;
        if (spill && s.stackFrame == fillFrame) {
          register = i.src();
          frame = s.frame;
          fillSlot = -1;
        }
      } else if (s.frame == frame - 1 && i.isSubprogramCall()) {
        frame--;
      } else if (s.frame == frame && (Liveness.written(i) >>> register & 1) != 0) {
        if (i.instructionClass() == Opcode.LDX && s.stackSlot != Step.NO_SLOT) {
          fillFrame = s.stackFrame;
          fillSlot = s.stackSlot;
        } else if (isMove(i)) {
          register = i.src();
        } else if (!addsConstant(i)) {
          return s;
        }
      }
    }
    return null;
  }

  private static boolean isMove(Instruction i) {
    return i.instructionClass() == Opcode.ALU64
        && i.operation() == Opcode.MOV
        && i.usesSource()
        && i.offset() == 0;
  }

  private static boolean addsConstant(Instruction i) {
    boolean sum = i.operation() == Opcode.ADD || i.operation() == Opcode.SUB;
    return i.instructionClass() == Opcode.ALU64 && sum && !i.usesSource();
  }

  /** What made it, in words. */
  static String words(Verification v, Step step, int register) {
    Instruction i = v.instruction(step.instruction);
    String value = "what r" + register + " holds ";
    if (i.isHelperCall()) {
      String name = Helpers.byId(i.imm()).map(HelperSpec::name).orElse("the helper");
      return value + "was returned by " + name;
    }
    if (i.isCall()) {
      return value + "was returned by this call";
    }
    return switch (i.instructionClass()) {
      case Opcode.LDX -> value + "was loaded here";
      case Opcode.LD -> value + "is a constant from here";
      case Opcode.ALU, Opcode.ALU64 -> value + "was computed here";
      default -> value + "was set here";
    };
  }
}
