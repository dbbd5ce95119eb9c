package org.xdp4j.bpf.compiler;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.MethodTypeDesc;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.Opcode;
import org.xdp4j.bpf.map.BpfMap;

/** Writes the blocks of one function, or of a part of one, into one method. */
final class Body {
  /** How a method hands over to others. */
  interface Exits {
    /** The function returns r0. */
    void leave(Body body);

    /** The function goes on at a block of another method. */
    void jump(Body body, int target);

    /** Whether only a part of what the instructions do is written. */
    default boolean isPartial() {
      return false;
    }

    /** When that is so: writes what stands for an instruction, and says what becomes of it. */
    default Part part(Body body, int at) {
      return Part.WHOLE;
    }
  }

  /** What of an instruction is written. */
  enum Part {
    /** It, as ever. */
    WHOLE,
    /** Nothing; the next one follows. */
    NONE,
    /** What stands for it, and its block ends there. */
    LAST
  }

  final Code code;
  final CodeBuilder cb;
  final Locals locals;
  final Pointers pointers;
  final StackWords words;
  final StackEmitter stack;
  private final ProgramClass owner;
  private final Exits exits;
  private final Function function;
  private final FlowGraph graph;
  private final List<Block> blocks;
  private final Map<Integer, Label> labels = new HashMap<>();
  private final Map<Integer, Label> outside = new LinkedHashMap<>();
  private Label dead;

  Body(
      ProgramClass owner,
      CodeBuilder cb,
      Locals locals,
      Function function,
      List<Block> blocks,
      Exits exits) {
    this(owner, cb, locals, function, function.words(), blocks, exits);
  }

  /** The same with other words of the stack in local variables than the function's methods have. */
  Body(
      ProgramClass owner,
      CodeBuilder cb,
      Locals locals,
      Function function,
      StackWords words,
      List<Block> blocks,
      Exits exits) {
    this.owner = owner;
    this.code = owner.code();
    this.cb = cb;
    this.locals = locals;
    this.function = function;
    this.graph = function.graph();
    this.pointers = function.pointers();
    this.words = words;
    this.stack = new StackEmitter(this);
    this.blocks = blocks;
    this.exits = exits;
    blocks.forEach(block -> labels.put(block.start(), cb.newLabel()));
  }

  /** Writes all blocks in order, and behind them the ways out. */
  void emit() {
    for (int i = 0; i < blocks.size(); i++) {
      Block block = blocks.get(i);
      cb.labelBinding(labels.get(block.start()));
      int last = block.start();
      int at = block.start();
      Part part = Part.WHOLE;
      while (at < block.end() && part != Part.LAST) {
        if (exits.isPartial()) {
          part = exits.part(this, at);
          if (part == Part.WHOLE) {
            emit(at);
          }
          last = at;
          at = code.next(at);
          continue;
        }
        Copies.Run run = function.copies().at(at);
        Fills.Run fill = function.fills().of(at);
        if (run != null) {
          new MemoryEmitter(this).copy(run);
        } else if (fill == null) {
          emit(at);
        } else if (fill.last() == at) {
          new MemoryEmitter(this).fill(fill);
        }
        last = run == null ? at : run.end() - 1;
        at = run == null ? code.next(at) : run.end();
      }
      if (part != Part.LAST && !code.isExit(last) && !code.isUnconditional(last)) {
        int following = i + 1 < blocks.size() ? blocks.get(i + 1).start() : -1;
        if (block.end() != following || !graph.isBlock(block.end())) {
          cb.goto_(label(block.end()));
        }
      }
    }
    outside.forEach(
        (target, label) -> {
          cb.labelBinding(label);
          exits.jump(this, target);
        });
    if (dead != null) {
      cb.labelBinding(dead);
      cb.invokestatic(Descs.SUPPORT, "dead", MethodTypeDesc.of(Descs.of(RuntimeException.class)));
      cb.athrow();
    }
  }

  private void emit(int at) {
    Instruction insn = code.at(at);
    switch (insn.instructionClass()) {
      case Opcode.ALU, Opcode.ALU64 -> new AluEmitter(this).emit(at);
      case Opcode.JMP, Opcode.JMP32 -> emitJumpClass(at);
      case Opcode.LD -> new WideEmitter(this).emit(at);
      default -> new MemoryEmitter(this).emit(at);
    }
  }

  private void emitJumpClass(int at) {
    if (code.isExit(at)) {
      exits.leave(this);
    } else if (code.isCall(at)) {
      new CallEmitter(this, owner, exits).emit(at);
    } else {
      new JumpEmitter(this).emit(at);
    }
  }

  /** The field that holds {@code map}. */
  String mapField(BpfMap map) {
    return owner.mapField(map);
  }

  /** Where the block at {@code target} is reached from this method. */
  Label label(int target) {
    if (!graph.isBlock(target)) {
      if (dead == null) {
        dead = cb.newLabel();
      }
      return dead;
    }
    Label inside = labels.get(target);
    return inside != null ? inside : outside.computeIfAbsent(target, t -> cb.newLabel());
  }

  /** Pushes a register. */
  Body get(int register) {
    cb.lload(locals.register(register));
    return this;
  }

  /** Pushes the lower half of a register. */
  Body getInt(int register) {
    cb.lload(locals.register(register)).l2i();
    return this;
  }

  /** Pops a long into a register. */
  void put(int register) {
    cb.lstore(locals.register(register));
  }

  /** Pops an int into a register, zero-extended, as every 32-bit operation leaves it. */
  void putInt(int register) {
    cb.i2l();
    push(0xffff_ffffL);
    cb.land().lstore(locals.register(register));
  }

  Body push(long value) {
    owner.constants().push(cb, value);
    return this;
  }

  Body push(int value) {
    owner.constants().push(cb, value);
    return this;
  }

  /** Pushes the region's segment, a constant of the class. */
  void pushSegment() {
    cb.getstatic(Descs.PROGRAM, ProgramClass.SEGMENT, Descs.SEGMENT);
  }

  /** Loads the packet's bounds anew, where the function uses them. */
  void loadPacketPointers() {
    function.packetPointers().forEach(this::loadPacketPointer);
  }

  private void loadPacketPointer(int offset) {
    cb.aload(locals.context());
    cb.getfield(Descs.CONTEXT, ContextFields.name(offset), Descs.LONG);
    putPacketPointer(offset);
  }

  /** Pops a bound of the packet. */
  void putPacketPointer(int offset) {
    pin();
    cb.lstore(locals.packetPointer(offset));
  }

  /**
   * Checks the address on top of the operand stack once, where it comes from, so that the JIT knows
   * that it is of the region: the checks of accesses at constant offsets from it fall away then
   * ({@link org.xdp4j.bpf.memory.Region#GUARD}).
   */
  void pin() {
    if (code.verified()) {
      push(code.region().size());
      checkIndex();
    }
  }

  /**
   * Pops a map's value's address, or 0, and pushes what it is in this run, pinned: itself but for
   * trials.
   */
  void enterValue(int size) {
    cb.aload(locals.context());
    push(size);
    cb.invokestatic(
        Descs.SUPPORT,
        "value",
        MethodTypeDesc.of(Descs.LONG, Descs.LONG, Descs.CONTEXT, Descs.INT));
    pin();
  }

  /** Pins r10: what lies below it belongs to the stack. */
  void pinFramePointer() {
    if (code.verified()) {
      get(10).push((long) XdpContext.STACK_SIZE);
      cb.lsub();
      push(code.region().size() - XdpContext.STACK_SIZE);
      checkIndex();
      push((long) XdpContext.STACK_SIZE);
      cb.ladd();
      put(10);
    }
  }

  private void checkIndex() {
    cb.invokestatic(
        Descs.OBJECTS, "checkIndex", MethodTypeDesc.of(Descs.LONG, Descs.LONG, Descs.LONG));
  }

  /** In programs that may not end, counts what could repeat for ever. */
  void spendBudget() {
    if (code.options().loopBudget() > 0) {
      cb.aload(locals.context());
      cb.invokestatic(Descs.SUPPORT, "spend", MethodTypeDesc.of(Descs.VOID, Descs.CONTEXT));
    }
  }
}
