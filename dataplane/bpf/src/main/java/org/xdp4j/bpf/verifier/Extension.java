package org.xdp4j.bpf.verifier;

import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;
import org.xdp4j.bpf.helper.Helpers;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Instructions;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.ProgramType;
import org.xdp4j.bpf.object.Subprogram;

/**
 * Says whether a program may take the place of another one's global function, by the kernel's rules
 * (bpf_check_attach_target in kernel/bpf/verifier.c, btf_check_type_match in kernel/bpf/btf.c): the
 * callers of the function were proved for what its types say, and for what it does to the packet.
 */
public final class Extension {
  private final BpfProgram target;
  private final Subprogram function;
  private final BpfProgram extension;

  private Extension(BpfProgram target, Subprogram function, BpfProgram extension) {
    this.target = target;
    this.function = function;
    this.extension = extension;
  }

  /**
   * Why {@code extension} cannot replace {@code function} of {@code target}, in one sentence; null
   * when it can.
   */
  public static String objection(BpfProgram target, String function, BpfProgram extension) {
    Subprogram found = target.function(function);
    if (found == null) {
      return "program %s has no function %s".formatted(target.name(), function);
    }
    return new Extension(target, found, extension).objection();
  }

  private String objection() {
    if (target.type() == ProgramType.EXTENSION) {
      return "program %s replaces a function itself, so none of its own can be replaced"
          .formatted(target.name());
    }
    if (function.start() == 0 && function.btfFunc() == 0) {
      return "program %s has no type (BTF), so it cannot be replaced: compile with -g"
          .formatted(target.name());
    }
    if (function.start() != 0 && !function.global()) {
      return "function %s of program %s is static, and only global ones can be replaced"
          .formatted(function.name(), target.name());
    }
    if (function.start() != 0 && function.start() == target.exceptionCallback()) {
      return "function %s is the exception callback of program %s, which cannot be replaced"
          .formatted(function.name(), target.name());
    }
    if (extension.subprograms().getFirst().btfFunc() == 0) {
      return "program %s has no type (BTF), which is needed to replace a function: compile with -g"
          .formatted(extension.name());
    }
    String difference = differenceOfTypes();
    if (difference != null) {
      return "program %s cannot replace function %s: %s"
          .formatted(extension.name(), function.name(), difference);
    }
    if (movesPacket(extension, 0) && !movesPacket(target, function.start())) {
      return ("program %s may move the packet (bpf_xdp_adjust_head and the like, tail calls),"
              + " and function %s never does, so its callers count on the packet to stay")
          .formatted(extension.name(), function.name());
    }
    return null;
  }

  private String differenceOfTypes() {
    BtfType.FuncProto own = extension.btf().prototype(extension.subprograms().getFirst().btfFunc());
    BtfType.FuncProto other = target.btf().prototype(function.btfFunc());
    if (own == null || other == null) {
      return "one of them has no type";
    }
    if (own.params().size() != other.params().size()) {
      return "it takes %d arguments, not %d".formatted(own.params().size(), other.params().size());
    }
    if (!sameKind(
        extension.btf().resolve(own.returnType()), target.btf().resolve(other.returnType()))) {
      return "it returns another type";
    }
    for (int i = 0; i < own.params().size(); i++) {
      if (!sameArgument(own.params().get(i).type(), other.params().get(i).type())) {
        return "argument %d is of another type".formatted(i + 1);
      }
    }
    try {
      // Linux leaves it at the names of structs; the proof rests on sizes and tags, too.
      FunctionSignature proved =
          new SignatureReader(
                  extension.btf(), extension.kernel(), extension.subprograms().getFirst().btfFunc())
              .read();
      FunctionSignature assumed =
          new SignatureReader(target.btf(), target.kernel(), function.btfFunc()).read();
      return proved.equals(assumed) ? null : "their arguments differ in size or tags";
    } catch (SignatureReader.UnfitException e) {
      return "its " + e.getMessage();
    }
  }

  private boolean sameNumber(int own, int other) {
    BtfType mine = extension.btf().resolve(own);
    BtfType theirs = target.btf().resolve(other);
    return sameKind(mine, theirs) && extension.btf().sizeOf(own) == target.btf().sizeOf(other);
  }

  /** As in Linux a number returned may be of another size. */
  private static boolean sameKind(BtfType own, BtfType other) {
    return own.getClass() == other.getClass()
        && (own instanceof BtfType.Int || own instanceof BtfType.Enum);
  }

  private boolean sameArgument(int own, int other) {
    BtfType mine = extension.btf().resolve(own);
    BtfType theirs = target.btf().resolve(other);
    if (mine instanceof BtfType.Ptr pointer && theirs instanceof BtfType.Ptr expected) {
      return structName(extension.btf(), pointer) != null
          && structName(extension.btf(), pointer).equals(structName(target.btf(), expected));
    }
    return sameNumber(own, other);
  }

  private static String structName(Btf btf, BtfType.Ptr pointer) {
    return btf.resolve(pointer.type()) instanceof BtfType.Struct struct ? struct.name() : null;
  }

  /** Whether the function that starts at {@code start}, or one it calls, may move the packet. */
  private static boolean movesPacket(BpfProgram program, int start) {
    BitSet seen = new BitSet();
    Deque<Subprogram> pending = new ArrayDeque<>();
    pending.push(at(program, start));
    while (!pending.isEmpty()) {
      Subprogram next = pending.pop();
      if (seen.get(next.start())) {
        continue;
      }
      seen.set(next.start());
      List<Instruction> code = program.instructions();
      for (int i = next.start(); i < next.end(); i = Instructions.nextIndex(code, i)) {
        Instruction instruction = code.get(i);
        if (instruction.isSubprogramCall()) {
          pending.push(at(program, Instructions.callTarget(code, i)));
        } else if (Helpers.movesPacket(instruction)) {
          return true;
        }
      }
    }
    return false;
  }

  private static Subprogram at(BpfProgram program, int start) {
    return program.subprograms().stream().filter(s -> s.start() == start).findFirst().orElseThrow();
  }
}
