package org.xdp4j.bpf.interpreter;

import java.util.Collections;
import java.util.List;
import org.xdp4j.bpf.context.Executable;
import org.xdp4j.bpf.context.Lifetime;
import org.xdp4j.bpf.context.LocalTypes;
import org.xdp4j.bpf.context.Subprograms;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.isa.InstructionCheck;
import org.xdp4j.bpf.map.ArenaMap;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.memory.Region;

/**
 * A program that is interpreted, with every access checked. It may be run on several threads at
 * once, each with a context of its own.
 */
public final class InterpretedProgram implements Executable, Subprograms {
  private final List<Instruction> instructions;
  private final List<BpfMap> maps;
  private final InterpreterOptions options;
  private final Long[] constants;
  private final ArenaMap[] arenas;
  private Lifetime lifetime = Lifetime.ENDLESS;

  /** A program with the default options. */
  public InterpretedProgram(List<Instruction> instructions, List<BpfMap> maps, Region region) {
    this(instructions, maps, region, InterpreterOptions.defaults());
  }

  /**
   * A program.
   *
   * @param maps by the index that its instructions name them with ({@code PSEUDO_MAP_IDX}); null
   *     where it uses none
   * @param region where maps, frames and stacks lie
   * @throws IllegalArgumentException when an instruction breaks a rule of {@link InstructionCheck}
   */
  public InterpretedProgram(
      List<Instruction> instructions,
      List<BpfMap> maps,
      Region region,
      InterpreterOptions options) {
    InstructionCheck.Problem problem = InstructionCheck.check(instructions);
    if (problem != null) {
      throw new IllegalArgumentException(problem.toString());
    }
    this.instructions = List.copyOf(instructions);
    this.maps = Collections.unmodifiableList(maps);
    this.options = options;
    this.constants = new Long[instructions.size()];
    this.arenas = new ArenaMap[instructions.size()];
    for (int i = 0; i < constants.length; i++) {
      if (instructions.get(i).isWide()) {
        constants[i] = Constants.resolve(this.instructions, i, maps, region);
      }
      int arena = options.facts().arenas().applyAsInt(i);
      arenas[i] = arena >= 0 && maps.get(arena) instanceof ArenaMap map ? map : null;
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws FaultException when the program does what no verified one does
   */
  @Override
  public long execute(XdpContext context, long framePointer) {
    return execute(context, framePointer, context.address, 0);
  }

  /**
   * Runs with other arguments than an XDP program's.
   *
   * @throws FaultException when the program does what no verified one does
   */
  public long execute(XdpContext context, long framePointer, long r1, long r2) {
    return new Run(this, context, framePointer).run(0, r1, r2, 0, 0, 0);
  }

  @Override
  public long call(
      XdpContext context,
      long function,
      long r1,
      long r2,
      long r3,
      long r4,
      long r5,
      long framePointer) {
    return new Run(this, context, framePointer).run((int) function, r1, r2, r3, r4, r5);
  }

  @Override
  public LocalTypes types(int instruction) {
    return options.facts().types().apply(instruction);
  }

  @Override
  public Lifetime lifetime() {
    return lifetime;
  }

  @Override
  public void livesBy(Lifetime of) {
    lifetime = of;
  }

  List<Instruction> instructions() {
    return instructions;
  }

  Instruction instruction(int index) {
    return instructions.get(index);
  }

  /** The 64-bit constant of the instruction at {@code index}; null when it cannot be resolved. */
  Long constant(int index) {
    return constants[index];
  }

  /** The arena that the instruction at {@code index} touches, or null. */
  ArenaMap arena(int index) {
    return arenas[index];
  }

  /** Whether the instruction at {@code index} is a load that gives 0 where nothing is. */
  boolean isProbe(int index) {
    return options.facts().probes().test(index);
  }

  List<BpfMap> maps() {
    return maps;
  }

  InterpreterOptions options() {
    return options;
  }
}
