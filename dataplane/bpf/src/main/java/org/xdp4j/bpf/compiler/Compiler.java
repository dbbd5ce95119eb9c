package org.xdp4j.bpf.compiler;

import java.util.List;
import java.util.function.IntFunction;
import org.xdp4j.bpf.context.LocalTypes;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.helper.Helpers;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.bpf.verifier.VerifiedProgram;

/** Compiles programs to hidden classes. */
public final class Compiler {
  /** HotSpot leaves a method with more bytecode than this to its interpreter (HugeMethodLimit). */
  static final int JIT_LIMIT = 8000;

  /**
   * How to compile.
   *
   * @param methodBytes bytes of bytecode to aim at in a method, a memory access counted as what the
   *     JIT inlines for it; programs that need more are split into several
   * @param loopBudget jumps backwards and calls one run may make, 0 for any number. For programs
   *     that were not verified, and so may not end
   * @param helpers the table of helpers: a number's row, or null
   * @param types the structs that the program allocates objects of, as an instruction knows them
   */
  public record Options(
      int methodBytes,
      long loopBudget,
      IntFunction<HelperSpec> helpers,
      IntFunction<LocalTypes> types) {
    /**
     * @throws IllegalArgumentException when {@code methodBytes} is not within 1..6000, above which
     *     HotSpot fails
     */
    public Options {
      if (methodBytes < 1 || methodBytes > Cost.LIMIT) {
        throw new IllegalArgumentException(
            "methods of " + methodBytes + " bytes, not 1.." + Cost.LIMIT);
      }
    }

    /** Methods of a size that HotSpot compiles, no budget, every helper. */
    public static Options defaults() {
      return new Options(
          Cost.LIMIT, 0, id -> Helpers.byId(id).orElse(null), instruction -> LocalTypes.NONE);
    }

    /** A copy that splits into methods of about this size. */
    public Options withMethodBytes(int bytes) {
      return new Options(bytes, loopBudget, helpers, types);
    }

    /** A copy with this budget. */
    public Options withLoopBudget(long budget) {
      return new Options(methodBytes, budget, helpers, types);
    }

    /** A copy with this table of helpers. */
    public Options withHelpers(IntFunction<HelperSpec> table) {
      return new Options(methodBytes, loopBudget, table, types);
    }

    /** A copy with these structs. */
    public Options withTypes(IntFunction<LocalTypes> structs) {
      return new Options(methodBytes, loopBudget, helpers, structs);
    }
  }

  private Compiler() {}

  /**
   * Compiles a verified program.
   *
   * @param maps by the object's index; null where the program uses none
   * @param region where maps, frames and stacks lie
   * @throws CompileException when it uses something that is not there
   */
  public static CompiledProgram compile(VerifiedProgram program, List<BpfMap> maps, Region region) {
    return compile(program, maps, region, Options.defaults());
  }

  /** The same, with options. */
  public static CompiledProgram compile(
      VerifiedProgram program, List<BpfMap> maps, Region region, Options options) {
    return compile(new Code(program.program().instructions(), program, maps, region, options));
  }

  /**
   * Compiles instructions nothing is known of: every access is to plain memory of the region.
   *
   * @throws CompileException when one of them is no instruction, or jumps out of the program
   */
  public static CompiledProgram compileUnverified(List<Instruction> instructions, Region region) {
    return compileUnverified(instructions, region, Options.defaults());
  }

  /** The same, with options. */
  public static CompiledProgram compileUnverified(
      List<Instruction> instructions, Region region, Options options) {
    return compile(new Code(instructions, null, List.of(), region, options));
  }

  private static CompiledProgram compile(Code code) {
    int aim = code.options().methodBytes();
    while (true) {
      ProgramClass program = new ProgramClass(code, aim);
      if (program.largestMethod() <= JIT_LIMIT || aim < 200) {
        return program.define();
      }
      aim = aim * 2 / 3; // the estimate of sizes was too low for this one
    }
  }
}
