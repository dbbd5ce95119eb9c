package org.xdp4j.bpf.compiler;

import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.helper.KfuncSpec;
import org.xdp4j.bpf.helper.Kfuncs;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.InstructionCheck;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.ArenaMap;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.verifier.BranchOutcome;
import org.xdp4j.bpf.verifier.MemoryKind;
import org.xdp4j.bpf.verifier.VerifiedProgram;

/** What is compiled: instructions, and what is known of them. */
final class Code {
  private final Instruction[] instructions;
  private final VerifiedProgram facts;
  private final List<BpfMap> maps;
  private final Region region;
  private final Compiler.Options options;

  Code(
      List<Instruction> instructions,
      VerifiedProgram facts,
      List<BpfMap> maps,
      Region region,
      Compiler.Options options) {
    this.instructions = instructions.toArray(Instruction[]::new);
    this.facts = facts;
    this.maps = maps;
    this.region = region;
    this.options = options;
    InstructionCheck.Problem problem = InstructionCheck.check(instructions);
    if (problem != null) {
      throw new CompileException(problem.toString());
    }
  }

  int size() {
    return instructions.length;
  }

  Instruction at(int index) {
    return instructions[index];
  }

  Region region() {
    return region;
  }

  Compiler.Options options() {
    return options;
  }

  boolean verified() {
    return facts != null;
  }

  /** See {@link VerifiedProgram#exceptionCallbacks}. */
  Map<Integer, Integer> exceptionCallbacks() {
    return facts == null ? Map.of(0, -1) : facts.exceptionCallbacks();
  }

  /** Whether any path reaches it. */
  boolean reached(int index) {
    return facts == null || facts.reached(index);
  }

  boolean isContextAccess(int index) {
    return facts != null && facts.kind(index) == MemoryKind.CONTEXT;
  }

  /** What the access at {@code index} touches; NONE where nothing is known. */
  MemoryKind kind(int index) {
    return facts == null ? MemoryKind.NONE : facts.kind(index);
  }

  /** Offset of a context access in {@code struct xdp_md}. */
  int contextOffset(int index) {
    return facts.offset(index);
  }

  /** The only map the call at {@code index} is ever given, else null. */
  BpfMap mapAt(int index) {
    int map = facts == null ? VerifiedProgram.NO_MAP : facts.map(index);
    return map == VerifiedProgram.NO_MAP ? null : map(map, index);
  }

  /** The map that the instruction at {@code index} knows as {@code number}. */
  BpfMap map(int number, int index) {
    BpfMap map = number >= 0 && number < maps.size() ? maps.get(number) : null;
    if (map == null) {
      throw CompileException.at(index, "there is no map " + number);
    }
    return map;
  }

  /** The first instruction of the only function the call at {@code index} is given, else -1. */
  int callbackAt(int index) {
    return facts == null ? VerifiedProgram.NO_FUNCTION : facts.function(index);
  }

  /** Where the only value of the map that the LDDW at {@code index} names begins. */
  long valueAddress(int index) {
    if (map(at(index).imm(), index) instanceof ArenaMap arena) {
      return arena.userStart();
    }
    long key = region.allocate(Long.BYTES, Long.BYTES);
    try {
      long value = map(at(index).imm(), index).lookup(key, 0);
      if (value == 0) {
        throw CompileException.at(index, "points into a map without values of a fixed place");
      }
      return value;
    } finally {
      region.free(key, Long.BYTES);
    }
  }

  /** The helper or kernel function that the call at {@code index} names; null for none. */
  HelperSpec helperAt(int index) {
    return isKfuncCall(index)
        ? Kfuncs.calledBy(at(index)).map(KfuncSpec::call).orElse(null)
        : options.helpers().apply(at(index).imm());
  }

  /** The instruction behind this one. */
  int next(int index) {
    return index + (at(index).isWide() ? 2 : 1);
  }

  boolean isJumpClass(int index) {
    int type = at(index).instructionClass();
    return type == Opcode.JMP || type == Opcode.JMP32;
  }

  boolean isExit(int index) {
    return at(index).opcode() == (Opcode.JMP | Opcode.EXIT);
  }

  boolean isCall(int index) {
    return at(index).opcode() == (Opcode.JMP | Opcode.CALL);
  }

  boolean isSubprogramCall(int index) {
    return isCall(index) && at(index).src() == Opcode.PSEUDO_CALL;
  }

  boolean isKfuncCall(int index) {
    return isCall(index) && at(index).src() == Opcode.PSEUDO_KFUNC_CALL;
  }

  boolean isTailCall(int index) {
    return isCall(index)
        && at(index).src() == Opcode.HELPER_CALL
        && at(index).imm() == HelperSpec.TAIL_CALL;
  }

  /** Any jump with a target in the same function. */
  boolean isJump(int index) {
    int operation = at(index).opcode() & 0xf0;
    return isJumpClass(index) && operation != Opcode.CALL && operation != Opcode.EXIT;
  }

  /** Whether it jumps on every path: a goto, or a comparison that is proved to hold. */
  boolean isUnconditional(int index) {
    return isJump(index)
        && ((at(index).opcode() & 0xf0) == Opcode.JA
            || facts != null && facts.outcome(index) == BranchOutcome.ALWAYS);
  }

  /** Whether it is a comparison that is proved not to hold. */
  boolean neverJumps(int index) {
    return facts != null && facts.outcome(index) == BranchOutcome.NEVER;
  }

  /** {@code BPF_JCOND}. */
  boolean isMayGoto(int index) {
    return at(index).opcode() == (Opcode.JMP | Opcode.JCOND);
  }

  /** Where the jump or subprogram call at {@code index} goes. */
  int target(int index) {
    Instruction insn = at(index);
    boolean far = isCall(index) || insn.opcode() == (Opcode.JMP32 | Opcode.JA);
    return index + 1 + (far ? insn.imm() : insn.offset());
  }

  /** The function that a PSEUDO_FUNC constant points at. */
  int function(int index) {
    return index + 1 + at(index).imm();
  }

  boolean isFunctionPointer(int index) {
    return at(index).isWide() && at(index).src() == Opcode.PSEUDO_FUNC;
  }

  /** For the emitters, when no case fits; the check on making this has left none of these. */
  CompileException unknown(int index) {
    return CompileException.at(
        index, String.format("opcode 0x%02x is no instruction", at(index).opcode()));
  }
}
