package org.xdp4j.bpf.interpreter;

import static org.xdp4j.bpf.isa.Opcode.*;

import java.util.Map;
import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.context.LocalTypes;
import org.xdp4j.bpf.context.Subprograms;
import org.xdp4j.bpf.context.ThrownException;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.helper.CallbackHelpers;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.helper.KfuncSpec;
import org.xdp4j.bpf.helper.Kfuncs;
import org.xdp4j.bpf.isa.Disassembler;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Instructions;
import org.xdp4j.bpf.map.ArenaMap;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.ProgramArrayMap;

/** One run of a program: registers, call frames, and the instruction that is next. */
final class Run implements Subprograms {
  private final InterpretedProgram program;
  private final XdpContext context;
  private final CheckedMemory memory;
  private final AtomicCells atomics;
  private final HelperCall helpers;
  private final CallFrames frames;
  private final long[] registers = new long[11];
  private int index;

  /** The frame that the innermost callback returns to, -1 outside of callbacks. */
  private int floor = -1;

  private long steps;
  private boolean ended;

  Run(InterpretedProgram program, XdpContext context, long framePointer) {
    this.program = program;
    this.context = context;
    this.frames = new CallFrames(program.options().callFrames());
    ReachableMaps maps = new ReachableMaps(program.maps());
    this.memory = new CheckedMemory(context, maps, program.options().memory(), framePointer);
    this.atomics = new AtomicCells(context.region);
    this.helpers = new HelperCall(memory, context, maps);
    registers[10] = framePointer;
  }

  /** Runs from {@code start} to the end and returns r0. */
  long run(int start, long r1, long r2, long r3, long r4, long r5) {
    index = start;
    frames.begin(start);
    setArguments(r1, r2, r3, r4, r5);
    memory.enter(registers[10]);
    while (!ended) {
      step();
    }
    return registers[0];
  }

  private void setArguments(long r1, long r2, long r3, long r4, long r5) {
    registers[1] = r1;
    registers[2] = r2;
    registers[3] = r3;
    registers[4] = r4;
    registers[5] = r5;
  }

  private void step() {
    long limit = program.options().instructionLimit();
    if (limit > 0 && steps == limit) {
      throw fault("the run takes more than " + limit + " instructions");
    }
    steps++;
    program.options().listener().before(index, registers);
    step(program.instruction(index));
  }

  /**
   * A callback: a call frame on top of the helper's caller, run until it is left again.
   *
   * @throws FaultException when {@code function} is no instruction's index, or calls nest too deep
   */
  @Override
  public long call(
      XdpContext of,
      long function,
      long r1,
      long r2,
      long r3,
      long r4,
      long r5,
      long framePointer) {
    if (function < 0 || function >= program.instructions().size()) {
      throw fault("there is no function at " + function + " to call back");
    }
    if (frames.isFull()) {
      throw fault("calls nest deeper than " + program.options().callFrames() + " frames");
    }
    int caller = index;
    int outer = floor;
    floor = frames.depth();
    frames.push(caller, registers);
    frames.begin((int) function);
    memory.enter(registers[10]);
    setArguments(r1, r2, r3, r4, r5);
    index = (int) function;
    try {
      while (frames.depth() > floor) {
        step();
      }
    } finally {
      floor = outer;
    }
    index = caller;
    return registers[0];
  }

  @Override
  public LocalTypes types(int instruction) {
    return program.types(instruction);
  }

  @Override
  public Subprograms lasting() {
    return program;
  }

  private void step(Instruction instruction) {
    int next = Instructions.nextIndex(program.instructions(), index);
    switch (instruction.instructionClass()) {
      case LD -> registers[instruction.dst()] = constant();
      case LDX -> registers[instruction.dst()] = load(instruction);
      case ST -> store(instruction, instruction.imm());
      case STX -> {
        if (instruction.isAtomic()) {
          atomic(instruction);
        } else {
          store(instruction, registers[instruction.src()]);
        }
      }
      case ALU, ALU64 ->
          registers[instruction.dst()] =
              instruction.isAddressSpaceCast()
                  ? toUser(registers[instruction.src()])
                  : Alu.compute(instruction, registers[instruction.dst()], operand(instruction));
      default -> next = jump(instruction, next);
    }
    index = next;
  }

  private long toUser(long pointer) {
    ArenaMap arena = program.arena(index);
    if (arena == null) {
      throw fault("there is no arena");
    }
    return arena.toUser(pointer);
  }

  private long operand(Instruction instruction) {
    return instruction.usesSource() ? registers[instruction.src()] : instruction.imm();
  }

  private long constant() {
    Long value = program.constant(index);
    if (value == null) {
      throw fault("what it names is not there");
    }
    return value;
  }

  private long load(Instruction instruction) {
    ArenaMap arena = program.arena(index);
    if (arena != null) {
      return ArenaCells.load(arena, instruction, registers[instruction.src()]);
    }
    long address = registers[instruction.src()] + instruction.offset();
    int size = instruction.accessSize();
    boolean signed = instruction.mode() == MEMSX;
    if (program.isProbe(index)) {
      return memory.probe(size, signed, address);
    }
    if (memory.isContext(address)) {
      return loadContext(address, size, signed);
    }
    require(memory.refuseRead(address, size));
    return memory.load(size, signed, address);
  }

  private long loadContext(long address, int size, boolean signed) {
    Long field = memory.contextField(address);
    if (field == null || size != 4 || signed && memory.isPointerField(address)) {
      throw fault(
          "load of " + size + " bytes at " + (address - context.address) + " of the context");
    }
    return signed ? field.intValue() : field;
  }

  private void store(Instruction instruction, long value) {
    ArenaMap arena = program.arena(index);
    if (arena != null) {
      ArenaCells.store(arena, instruction, registers[instruction.dst()], value);
      return;
    }
    long address = registers[instruction.dst()] + instruction.offset();
    require(memory.refuseWrite(address, instruction.accessSize()));
    memory.store(instruction.accessSize(), address, value);
  }

  private void atomic(Instruction instruction) {
    ArenaMap arena = program.arena(index);
    if (arena != null) {
      ArenaCells.operate(arena, atomics, instruction, registers);
      return;
    }
    int size = instruction.accessSize();
    if (instruction.imm() == LOAD_ACQ) {
      long address = registers[instruction.src()] + instruction.offset();
      if (program.isProbe(index)) {
        registers[instruction.dst()] = memory.probe(size, false, address);
        return;
      }
      require(memory.refuseRead(address, size));
      requireAligned(address, size);
      registers[instruction.dst()] = atomics.loadAcquire(size, address);
      return;
    }
    long address = registers[instruction.dst()] + instruction.offset();
    require(memory.refuseWrite(address, size));
    requireAligned(address, size);
    long operand = registers[instruction.src()];
    if (instruction.imm() == STORE_REL) {
      atomics.storeRelease(size, address, operand);
      return;
    }
    require(memory.refuseRead(address, size));
    long old = atomics.operate(instruction.imm(), size, address, operand, registers[0]);
    if (instruction.imm() == CMPXCHG) {
      registers[0] = old;
    } else if ((instruction.imm() & FETCH) != 0) {
      registers[instruction.src()] = old;
    }
  }

  /** Returns the index to go on at. */
  private int jump(Instruction instruction, int next) {
    int target = next + instruction.jumpOffset();
    return switch (instruction.operation()) {
      case JA -> target;
      case EXIT -> exit();
      case CALL -> call(instruction, next);
      case JCOND -> frames.mayLoop() ? next : target;
      default -> {
        boolean taken =
            Comparison.holds(instruction, registers[instruction.dst()], operand(instruction));
        yield taken ? target : next;
      }
    };
  }

  private int exit() {
    if (frames.isOutermost()) {
      ended = true;
      return index;
    }
    int next = frames.pop(registers);
    memory.enter(registers[10]);
    return next;
  }

  private int call(Instruction instruction, int next) {
    if (instruction.isSubprogramCall()) {
      if (frames.isFull()) {
        throw fault("calls nest deeper than " + program.options().callFrames() + " frames");
      }
      frames.push(next, registers);
      frames.begin(next + instruction.imm());
      memory.enter(registers[10]);
      return next + instruction.imm();
    }
    HelperSpec helper = callee(instruction);
    if (helper.id() == HelperSpec.TAIL_CALL) {
      return tailCall(next);
    }
    require(helpers.refuse(helper, registers));
    context.subprograms = this;
    context.caller = index;
    context.calleeFrame = registers[10] - XdpContext.STACK_SIZE;
    boolean inlined =
        helper.id() == HelperSpec.LOOP && program.options().facts().inlinedLoops().test(index);
    try {
      registers[0] =
          inlined
              ? CallbackHelpers.inlinedLoop(context, registers[1], registers[2], registers[3])
              : helpers.call(helper, registers);
    } catch (ThrownException thrown) {
      return unwind(thrown);
    }
    return next;
  }

  /**
   * An exception ends the innermost of the programs that were put together: in that one's place
   * goes its exception callback, or it returns what was thrown. Frames below a callback's are the
   * helper's to leave first.
   */
  private int unwind(ThrownException thrown) {
    Map<Integer, Integer> callbacks = program.options().facts().exceptionCallbacks();
    int to = frames.depth();
    while (to > floor && !callbacks.containsKey(frames.start(to))) {
      to--;
    }
    if (to == floor) {
      throw thrown;
    }
    while (frames.depth() > to) {
      frames.pop(registers);
    }
    memory.enter(registers[10]);
    int callback = callbacks.get(frames.start(to));
    if (callback < 0) {
      registers[0] = context.thrown;
      return exit();
    }
    frames.begin(callback);
    setArguments(context.thrown, 0, 0, 0, 0);
    return callback;
  }

  private HelperSpec callee(Instruction instruction) {
    boolean helper = instruction.isHelperCall();
    HelperSpec callee =
        helper
            ? program.options().helpers().apply(instruction.imm())
            : Kfuncs.calledBy(instruction).map(KfuncSpec::call).orElse(null);
    if (callee == null) {
      throw fault("there is no " + (helper ? "helper " : "kernel function ") + instruction.imm());
    }
    return callee;
  }

  /**
   * {@code bpf_tail_call(ctx, map, index)}: the other program takes the place of the current call
   * frame, so out of a subprogram it returns to that subprogram's caller, as on x86. When there is
   * no such program, or no tail call left, the call does nothing.
   */
  private int tailCall(int next) {
    if (registers[1] != context.address) {
      throw fault("r1 is not the context");
    }
    BpfMap map = helpers.mapAt(registers[2]);
    if (!(map instanceof ProgramArrayMap programs)) {
      throw fault("r2 is no program array");
    }
    Executable target = programs.program((int) registers[3]);
    if (target == null || context.tailCalls >= XdpContext.MAX_TAIL_CALLS) {
      return next;
    }
    context.tailCalls++;
    registers[0] = target.execute(context, registers[10]);
    return exit();
  }

  private void require(String refusal) {
    if (refusal != null) {
      throw fault(refusal);
    }
  }

  private void requireAligned(long address, int size) {
    if (address % size != 0) {
      throw fault(
          "atomic access of "
              + size
              + " bytes at 0x"
              + Long.toHexString(address)
              + " is not aligned");
    }
  }

  private FaultException fault(String reason) {
    Instruction instruction = program.instruction(index);
    Instruction second = instruction.isWide() ? program.instructions().get(index + 1) : null;
    return new FaultException(index, Disassembler.text(instruction, second), reason);
  }
}
