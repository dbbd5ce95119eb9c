package org.xdp4j.bpf.verifier;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.xdp4j.bpf.btf.BtfType;
import org.xdp4j.bpf.map.ObjectType;
import org.xdp4j.bpf.object.Subprogram;
import org.xdp4j.bpf.verifier.FunctionSignature.Argument;

/**
 * Global functions: each is proved once, for all arguments that its types allow, and a call only
 * has to give it such arguments. As in Linux those that no path calls are not proved; they never
 * run.
 */
final class GlobalFunctions {
  private final Verification v;
  private final HelperMemory memory;
  private final Map<Integer, FunctionSignature> signatures = new HashMap<>();
  private final BitSet called = new BitSet();
  private final BitSet proved = new BitSet();

  GlobalFunctions(Verification v, MemoryBounds bounds) {
    this.v = v;
    this.memory = new HelperMemory(v, bounds);
  }

  /**
   * Refuses what no function with types may do: one that makes a tail call passes on the other
   * program's result, so it must return a number.
   */
  void checkTailCallers() throws VerifierException {
    for (int f = 1; f < v.flow.functions(); f++) {
      Subprogram subprogram = v.flow.subprogram(v.flow.start(f));
      if (!v.calls.makesTailCall(f)) {
        continue;
      }
      if (subprogram == null || subprogram.btfFunc() == 0) {
        throw v.refusals.at(
            v.flow.start(f),
            "the function that starts here makes a tail call, for which Linux wants to know its"
                + " type (BTF), and there is none");
      }
      BtfType.FuncProto prototype = v.program.btf().prototype(subprogram.btfFunc());
      BtfType result = prototype == null ? null : v.program.btf().resolve(prototype.returnType());
      if (!(result instanceof BtfType.Int || result instanceof BtfType.Enum)) {
        throw v.refusals.at(
            v.flow.start(f),
            subprogram.name()
                + "() makes a tail call, so it must return a number, and it does not");
      }
    }
  }

  /** The function that starts at {@code start} runs, whoever calls it. */
  void called(int start) {
    called.set(v.flow.indexOf(start));
  }

  /** The next function that was called and not proved yet, or -1. */
  int next() {
    for (int f = called.nextSetBit(0); f >= 0; f = called.nextSetBit(f + 1)) {
      if (!proved.get(f)) {
        proved.set(f);
        return v.flow.start(f);
      }
    }
    return -1;
  }

  private FunctionSignature signature(int start) throws VerifierException {
    FunctionSignature known = signatures.get(start);
    if (known == null) {
      try {
        int func = v.flow.subprogram(start).btfFunc();
        known = new SignatureReader(v.program.btf(), v.program.kernel(), func).read();
      } catch (SignatureReader.UnfitException e) {
        String what = start == 0 ? ", which replaces a function, " : ", a global function, ";
        throw v.refuse(v.flow.name(start) + what + e.getMessage());
      }
      signatures.put(start, known);
    }
    return known;
  }

  /** The state in which the function's proof begins. */
  VerifierState start(int start) throws VerifierException {
    VerifierState state = new VerifierState();
    state.instruction = start;
    Frame frame = new Frame(0, -1, start);
    int register = 1;
    v.exceptions.checkArguments(start, signature(start));
    for (Argument argument : signature(start).arguments()) {
      frame.registers[register++] = assumed(argument);
    }
    state.push(frame);
    return state;
  }

  /** As in Linux, whatever a dynptr argument points at, it is taken for one of local memory. */
  private RegisterState assumed(Argument argument) {
    return switch (argument) {
      case Argument.Scalar() -> RegisterState.UNKNOWN;
      case Argument.Arena() -> RegisterState.UNKNOWN;
      case Argument.Context() -> RegisterState.CONTEXT;
      case Argument.Memory(int size, boolean nullable) -> {
        RegisterState given = RegisterState.memory(size, 0, 0);
        yield nullable ? given.orNull(v.newId()) : given;
      }
      case Argument.Probed() -> RegisterState.anyMemory();
      case Argument.Kernel(ObjectType type, boolean trusted, boolean nullable) -> {
        int flags = trusted ? RegisterState.TRUSTED : RegisterState.UNTRUSTED;
        RegisterState given =
            RegisterState.kernelStruct(type, flags | KernelStructs.shown(type.name()));
        yield nullable ? given.orNull(v.newId()) : given;
      }
      case Argument.Dynptr() -> RegisterState.dynptr(StackObject.DynptrType.LOCAL, v.newId());
    };
  }

  /** Calls the function that starts at {@code start}; what it does beyond r0 is over then. */
  void call(int start) throws VerifierException {
    int register = 1;
    for (Argument argument : signature(start).arguments()) {
      check(start, register, argument);
      register++;
    }
    int function = v.flow.indexOf(start);
    called.set(function);
    if (v.calls.movesPacket(function)) {
      v.losePacketPointers(v.state);
    }
    v.state.frame().clobber();
    v.write(0, RegisterState.UNKNOWN);
  }

  private void check(int start, int register, Argument argument) throws VerifierException {
    RegisterState value = v.read(register);
    switch (argument) {
      case Argument.Probed() -> {
        // Any value will do.
      }
      case Argument.Kernel(ObjectType type, boolean trusted, boolean nullable) -> {
        boolean absent = nullable && value.isNull();
        if (trusted && !absent) {
          checkStructure(start, register, value, type, nullable);
        }
      }
      case Argument.Scalar() -> {
        if (!value.isScalar()) {
          throw refuse(start, register, value, "not a number");
        }
      }
      case Argument.Context() -> {
        boolean whole = value.hasFixedOffset() && value.fixedOffset() == 0;
        if (value.kind() != RegisterKind.CONTEXT || !whole) {
          throw refuse(start, register, value, "not the context as the program was given it");
        }
      }
      case Argument.Memory(int size, boolean nullable) ->
          checkMemory(start, register, value, size, nullable);
      case Argument.Arena() -> {
        if (!value.isScalar() && value.kind() != RegisterKind.ARENA) {
          throw refuse(start, register, value, "not a pointer into an arena");
        }
      }
      case Argument.Dynptr() -> checkDynptr(start, register, value);
    }
  }

  private void checkStructure(
      int start, int register, RegisterState value, ObjectType type, boolean nullable)
      throws VerifierException {
    boolean valid =
        value.kind() == RegisterKind.KERNEL_STRUCT
            && !value.has(RegisterState.UNTRUSTED)
            && value.hasFixedOffset();
    if (!valid || !new KernelStructs(v).holds(value, type)) {
      throw refuse(start, register, value, "not a trusted pointer to the kernel's " + type);
    }
    if (value.nullable() && !nullable) {
      throw refuse(start, register, value, "and the function needs it not to be NULL");
    }
  }

  private void checkDynptr(int start, int register, RegisterState value) throws VerifierException {
    if (value.kind() == RegisterKind.DYNPTR) {
      if (!value.hasFixedOffset() || value.fixedOffset() != 0) {
        throw refuse(start, register, value, "not the start of a dynptr");
      }
      return;
    }
    boolean whole =
        value.kind() == RegisterKind.STACK
            && value.hasFixedOffset()
            && value.fixedOffset() % Long.BYTES == 0
            && value.fixedOffset() <= -2 * Long.BYTES
            && value.fixedOffset() >= -VerifierLimits.STACK;
    int slot = whole ? Frame.slotOf((int) value.fixedOffset()) : 0;
    if (!whole
        || !(v.state.frames[value.frame()].slot(slot).object() instanceof StackObject.Dynptr half)
        || !half.first()) {
      throw refuse(start, register, value, "not a pointer to a dynptr that was made");
    }
    v.markRead(v.state, value.frame(), 3L << slot - 1);
  }

  private void checkMemory(int start, int register, RegisterState value, int size, boolean nullable)
      throws VerifierException {
    if (value.isNull() && nullable) {
      return;
    }
    if (!nullable && (value.nullable() || value.isNull())) {
      throw refuse(start, register, value, "and the function needs it not to be NULL");
    }
    memory.checkShared(
        v.flow.name(start), register, value.nullable() ? value.notNull() : value, size);
  }

  private VerifierException refuse(int start, int register, RegisterState value, String reason) {
    return v.refuse(
        "r%d, an argument of %s, is %s, %s"
            .formatted(register, v.flow.name(start), value.describe(), reason));
  }
}
