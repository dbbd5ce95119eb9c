package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.context.KernelStructure;
import org.xdp4j.bpf.helper.ExceptionKfuncs;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.helper.Helpers;
import org.xdp4j.bpf.helper.KernelObject;
import org.xdp4j.bpf.helper.KfuncSpec;
import org.xdp4j.bpf.helper.Kfuncs;
import org.xdp4j.bpf.helper.ReturnKind;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.map.MapType;
import org.xdp4j.bpf.map.ObjectType;

/** Calls of helpers and subprograms, and the return from the latter. */
final class CallTransfer {
  /** The path ended. */
  static final int END = -1;

  private final Verification v;
  private final HelperMemory memory;
  private final GlobalFunctions globals;
  private final Callbacks callbacks;
  private final Sections sections;
  private final Ownership ownership;

  CallTransfer(Verification v, MemoryBounds bounds, GlobalFunctions globals) {
    this.v = v;
    this.sections = new Sections(v);
    this.memory = new HelperMemory(v, bounds);
    this.globals = globals;
    this.callbacks = new Callbacks(v);
    this.ownership = new Ownership(v);
  }

  /** Follows a call and returns the instruction to go on with. */
  int call(Instruction instruction) throws VerifierException {
    return switch (instruction.src()) {
      case Opcode.HELPER_CALL -> helper(instruction);
      case Opcode.PSEUDO_CALL -> subprogram(instruction);
      default -> kernelFunction(instruction);
    };
  }

  private int kernelFunction(Instruction instruction) throws VerifierException {
    KfuncSpec function =
        Kfuncs.calledBy(instruction)
            .orElseThrow(
                () ->
                    v.refuse(
                        "there is no kernel function "
                            + instruction.imm()
                            + " here; kernel functions are linked by their names"));
    if (function.name().equals(ExceptionKfuncs.TRAP)) {
      throw v.refuse(
          Cause.CONTROL_FLOW,
          -1,
          "this path goes where clang took it never to go: a variable may be used that was never"
              + " set, or a number divided by 0");
    }
    if (!v.program.gplCompatible()) {
      throw v.refuse(
          function.name()
              + " is a kernel function, for programs with a GPL-compatible licence only; the"
              + " object's licence is not");
    }
    sections.enter(function);
    return follow(function.call());
  }

  private int helper(Instruction instruction) throws VerifierException {
    HelperSpec helper = Helpers.byId(instruction.imm()).orElse(null);
    if (helper == null) {
      throw v.refuse(Cause.NOT_AVAILABLE, -1, Helpers.refusal(instruction.imm()));
    }
    if (helper.gplOnly() && !v.program.gplCompatible()) {
      throw v.refuse(
          helper.name()
              + " is for programs with a GPL-compatible licence only; the object's"
              + " licence is not");
    }
    return follow(helper);
  }

  /** Follows the call of a helper or a kernel function. */
  private int follow(HelperSpec helper) throws VerifierException {
    sections.checkCall(helper);
    if (helper.returns() == ReturnKind.LOCK_RESULT) {
      failToLock();
    }
    HelperArguments arguments = new HelperArguments(v, memory, helper);
    arguments.check();
    if (arguments.map != null) {
      v.facts.call(v.index, arguments.map.mapIndex());
    }
    if (arguments.released != null) {
      v.release(arguments.released.reference());
    }
    callbacks.follow(helper, arguments);
    ownership.pass(arguments.allocations);
    if (helper.returns() == ReturnKind.NEVER) {
      sections.checkNothingHeld("bpf_throw would leave");
      return END;
    }
    if (arguments.locks.taken != null) {
      v.state.acquire(arguments.locks.taken);
    }
    if (helper.id() == HelperSpec.TAIL_CALL) {
      sections.checkTailCall();
      if (v.state.depth > 1) {
        returnFromOtherProgram();
      }
    } else if (helper.movesPacket()) {
      v.losePacketPointers(v.state);
    }
    v.state.frame().clobber();
    if (helper.returns() == ReturnKind.ITERATOR_ELEMENT_OR_NULL) {
      Iteration.next(v, arguments.objects);
    } else {
      v.write(0, result(helper, arguments));
    }
    return v.index + 1;
  }

  /** On another path the lock is not to be had: r0 is a negative errno, and nothing changed. */
  private void failToLock() throws VerifierException {
    VerifierState failed = v.fork(v.index + 1);
    failed.frame().clobber();
    failed.registers()[0] = RegisterState.scalar(ReturnRange.FAILED);
  }

  /**
   * A tail call of a subprogram that succeeds comes back to the caller, from another program that
   * may have moved the packet and returned anything.
   */
  private void returnFromOtherProgram() throws VerifierException {
    if (v.state.frame().contract != null) {
      throw v.refuse(
          "a callback makes a tail call, but what the other program returns need not be what a"
              + " callback may");
    }
    VerifierState other = v.fork(v.state.frame().callSite + 1);
    other.pop();
    other.registers()[0] = RegisterState.UNKNOWN;
    v.losePacketPointers(other);
  }

  private RegisterState result(HelperSpec helper, HelperArguments arguments)
      throws VerifierException {
    return switch (helper.returns()) {
      case INTEGER -> ReturnRange.of(helper.id(), arguments);
      case VOID -> RegisterState.UNINITIALISED;
      case MAP_VALUE_OR_NULL -> found(helper, arguments);
      case RESERVED_MEM_OR_NULL -> reserved(arguments.allocated);
      case DYNPTR_MEM_OR_NULL -> slice(arguments, 0);
      case DYNPTR_SLICE_OR_NULL -> slice(arguments, RegisterState.READ_ONLY | packet(arguments));
      case DYNPTR_SLICE_RDWR_OR_NULL -> slice(arguments, packet(arguments));
      case SOCKET_OR_NULL -> socket(RegisterKind.SOCKET);
      case SOCK_COMMON_OR_NULL -> socket(RegisterKind.SOCK_COMMON);
      case KERNEL_STRUCT_OR_NULL -> structure(helper, arguments.socket.reference());
      case UNTRACKED_KERNEL_STRUCT_OR_NULL -> structure(helper, 0);
      case LOCK_RESULT -> RegisterState.ZERO;
      case NEW_OBJECT_OR_NULL,
          NEW_PERCPU_OBJECT_OR_NULL,
          ANOTHER_REFERENCE,
          NODE_OR_NULL,
          LENT_NODE_OR_NULL,
          EXCHANGED_OBJECT_OR_NULL,
          CPU_OBJECT ->
          ownership.result(helper, arguments.allocations);
      case CONNECTION_OR_NULL,
          NEW_CONNECTION_OR_NULL,
          TRANSFORM_OR_NULL,
          TASK_OR_NULL,
          CGROUP_OR_NULL,
          KEY_OR_NULL,
          CACHE_OR_NULL,
          FLOW_OR_NULL ->
          kernelObject(helper.returns().object());
      case KERNEL_CONTEXT -> shown(KernelStructure.BUFFER);
      case CURRENT_TASK -> shown(KernelStructure.TASK);
      case CAST -> arguments.cast;
      case NEVER -> throw new IllegalStateException("the path has ended");
      case ITERATOR_ELEMENT_OR_NULL -> throw new IllegalStateException("forks; see Iteration");
    };
  }

  private static int packet(HelperArguments arguments) {
    boolean packet = arguments.objects.dynptr.type() == StackObject.DynptrType.PACKET;
    return packet ? RegisterState.PACKET_SLICE : 0;
  }

  private RegisterState slice(HelperArguments arguments, int flags) {
    StackObject.Dynptr of = arguments.objects.dynptr;
    return RegisterState.slice(arguments.allocated, flags, of.id(), of.reference())
        .orNull(v.newId());
  }

  private RegisterState found(HelperSpec helper, HelperArguments arguments)
      throws VerifierException {
    MapType type = arguments.map.map().type();
    return type == MapType.SOCKMAP || type == MapType.SOCKHASH
        ? socket(RegisterKind.SOCKET)
        : mapValue(helper, arguments);
  }

  private RegisterState mapValue(HelperSpec helper, HelperArguments arguments) {
    RegisterState map = arguments.map;
    MapSpec spec = map.map();
    RegisterState value =
        RegisterState.ofMap(RegisterKind.MAP_VALUE, spec, map.mapIndex(), map.mapId());
    boolean array = spec.type() == MapType.ARRAY || spec.type() == MapType.PERCPU_ARRAY;
    // An inner array with this flag may have fewer entries than its template.
    boolean fixed = (spec.flags() & MapSpec.F_INNER_MAP) == 0;
    boolean present =
        helper.id() == HelperSpec.MAP_LOOKUP_ELEM
            && array
            && fixed
            && arguments.constantKey >= 0
            && arguments.constantKey < Integer.toUnsignedLong(spec.maxEntries());
    if (present) {
      return value.mayHoldLock() ? value.withId(v.newId()) : value;
    }
    return value.orNull(v.newId());
  }

  private RegisterState reserved(int size) throws VerifierException {
    int id = v.acquire(Resource.RECORD);
    return RegisterState.memory(size, RegisterState.RESERVED, id).orNull(id);
  }

  private RegisterState socket(RegisterKind kind) throws VerifierException {
    int id = v.acquire(Resource.SOCKET);
    return RegisterState.pointer(kind, Pointee.NONE).withReference(id).orNull(id);
  }

  private RegisterState kernelObject(KernelObject object) throws VerifierException {
    RegisterState found = RegisterState.kernelObject(object);
    if (object.release().isEmpty()) {
      return found.orNull(v.newId());
    }
    int id = v.acquire(Resource.KERNEL_OBJECT);
    return found.withReference(id).orNull(id);
  }

  private static RegisterState shown(KernelStructure structure) {
    return RegisterState.kernelStruct(
        new ObjectType(0, structure.struct(), 0), RegisterState.TRUSTED | RegisterState.SHOWN);
  }

  /** The same socket as another type: it is given back with the socket it was made of. */
  private RegisterState structure(HelperSpec helper, int reference) {
    return RegisterState.kernelStruct(new ObjectType(0, helper.socket(), 0), 0)
        .withReference(reference)
        .orNull(v.newId());
  }

  private int subprogram(Instruction instruction) throws VerifierException {
    int target = v.index + 1 + instruction.imm();
    v.exceptions.checkCall(target);
    if (v.isGlobal(target)) {
      sections.checkGlobalCall(v.flow.name(target));
      globals.call(target);
      return v.index + 1;
    }
    if (v.state.depth == VerifierState.MAX_FRAMES) {
      throw v.refuse(
          "the call of "
              + v.flow.name(target)
              + " would be the "
              + (VerifierState.MAX_FRAMES + 1)
              + "th frame; calls nest "
              + VerifierState.MAX_FRAMES
              + " deep at the most");
    }
    Frame caller = v.state.frame();
    Frame callee = new Frame(v.state.depth, v.index, target);
    System.arraycopy(caller.registers, 1, callee.registers, 1, 5);
    caller.clobber();
    v.state.push(callee);
    return target;
  }

  /** Leaves the current function; returns the instruction to go on with, or {@link #END}. */
  int exit() throws VerifierException {
    if (v.state.depth == 1) {
      if (v.state.frame().contract != null) {
        callbacks.checkResult(v.state.frame());
      }
      if (!v.state.registers()[0].isInitialised()) {
        throw v.refuse(
            Cause.RETURN_VALUE, 0, "the program ends, but r0, its return code, was never set");
      }
      int function = v.state.frame().function;
      if (function != 0
          && function != v.exceptions.callback()
          && !v.state.registers()[0].isScalar()) {
        throw v.refuse(
            "r0 is "
                + v.state.registers()[0].describe()
                + ", but a global function returns a number");
      }
      sections.checkNothingHeld("the program would end with");
      return END;
    }
    if (v.state.frame().contract != null) {
      return callbacks.leave();
    }
    RegisterState result = v.state.registers()[0];
    if (result.kind() == RegisterKind.STACK) {
      throw v.refuse(
          "r0 is " + result.describe() + ", a stack pointer, which a function cannot return");
    }
    Frame callee = v.state.pop();
    v.write(0, result);
    return callee.callSite + 1;
  }
}
