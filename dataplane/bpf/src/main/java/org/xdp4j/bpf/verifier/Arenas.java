package org.xdp4j.bpf.verifier;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Instructions;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.object.BpfProgram;

/**
 * The arena of a program, and what its pointers make of instructions. Such a pointer is 32 bits
 * wide, and any arithmetic is allowed on it: what Linux does with 64 bits elsewhere it does with 32
 * where the result is one, and so does the accepted program here.
 */
final class Arenas {
  /** There is no arena. */
  static final int NONE = -1;

  private final Verification v;
  private final int arena;
  private final int second;
  private final BitSet onPointers = new BitSet();
  private final BitSet onOthers = new BitSet();
  private final BitSet casts = new BitSet();

  Arenas(Verification v) {
    this.v = v;
    int found = NONE;
    int other = NONE;
    List<Instruction> program = v.program.instructions();
    for (int i = 0; i < program.size(); i = Instructions.nextIndex(program, i)) {
      if (!isArena(program.get(i))) {
        continue;
      }
      int index = program.get(i).imm();
      if (found == NONE) {
        found = index;
      } else if (index != found && other == NONE) {
        other = i;
      }
    }
    this.arena = found;
    this.second = other;
  }

  private boolean isArena(Instruction instruction) {
    boolean map =
        instruction.isWide()
            && (instruction.src() == Opcode.PSEUDO_MAP_IDX
                || instruction.src() == Opcode.PSEUDO_MAP_IDX_VALUE);
    return map
        && instruction.imm() >= 0
        && instruction.imm() < v.maps.size()
        && v.maps.get(instruction.imm()).type() == MapType.ARENA;
  }

  /** Refuses a program that names two arenas: its pointers do not say which they lead into. */
  void checkOnlyOne() throws VerifierException {
    if (second != NONE) {
      throw v.refusals.at(
          second,
          Cause.CONSTANT,
          -1,
          "map '"
              + v.maps.get(v.instruction(second).imm()).name()
              + "' is a second arena; a program has one at the most");
    }
  }

  /** The arena's index among the maps, or {@link #NONE}. */
  int index() {
    return arena;
  }

  /** A cast between address spaces is followed. */
  RegisterState cast(Instruction instruction) throws VerifierException {
    if (arena == NONE) {
      throw v.refuse(
          Cause.POINTER_ARITHMETIC,
          -1,
          "a pointer is cast between address spaces, but the program uses no arena");
    }
    v.facts.call(v.index, arena);
    casts.set(v.index);
    return instruction.imm() == 1 ? RegisterState.ARENA : RegisterState.UNKNOWN;
  }

  /** Arithmetic on a pointer into the arena is followed, or on anything else. */
  void arithmetic(boolean onPointer) {
    (onPointer ? onPointers : onOthers).set(v.index);
  }

  /** An access through a pointer into the arena is followed. */
  void access() {
    v.facts.call(v.index, arena);
  }

  /**
   * The accepted program as it runs: with 32 bits where Linux makes 64 of them 32. A cast to user
   * space's addresses stays one, unless the arena has none ({@code BPF_F_NO_USER_CONV}).
   */
  BpfProgram narrow(BpfProgram program) {
    if (arena == NONE) {
      return program;
    }
    boolean plain = (v.maps.get(arena).flags() & MapSpec.F_NO_USER_CONV) != 0;
    List<Instruction> code = new ArrayList<>(program.instructions());
    for (int i = 0; i < code.size(); i++) {
      Instruction instruction = code.get(i);
      if (casts.get(i) && (plain || instruction.imm() == 1)) {
        int opcode = Opcode.ALU | Opcode.MOV | Opcode.X;
        code.set(i, new Instruction(opcode, instruction.dst(), instruction.src(), 0, 0));
      } else if (onPointers.get(i) && !onOthers.get(i)) {
        int opcode = instruction.opcode() & ~Opcode.ALU64 | Opcode.ALU;
        code.set(
            i,
            new Instruction(
                opcode,
                instruction.dst(),
                instruction.src(),
                instruction.offset(),
                instruction.imm()));
      }
    }
    return program.withInstructions(List.copyOf(code));
  }
}
