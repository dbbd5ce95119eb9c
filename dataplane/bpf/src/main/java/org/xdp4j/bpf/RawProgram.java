package org.xdp4j.bpf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.xdp4j.bpf.compiler.CompileException;
import org.xdp4j.bpf.compiler.Compiler;
import org.xdp4j.bpf.compiler.ProgramFaultException;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.helper.Helpers;
import org.xdp4j.bpf.interpreter.FaultException;
import org.xdp4j.bpf.interpreter.InterpretedProgram;
import org.xdp4j.bpf.interpreter.InterpreterOptions;
import org.xdp4j.bpf.isa.Instruction;
import org.xdp4j.bpf.memory.Region;

/**
 * Runs instructions that no object file, no type and no proof comes with: r1 is a piece of memory,
 * r2 its length, and all a program can reach besides is its stack. What conformance tests of the
 * instruction set are made of.
 */
public final class RawProgram {
  /** The most memory a program may be given, in bytes. */
  public static final int MAX_MEMORY = 1 << 24;

  /** Instructions an interpreted run may take. */
  private static final long INSTRUCTION_LIMIT = 20_000_000;

  /** Calls and jumps backwards a compiled run may make. */
  private static final long LOOP_BUDGET = 1_000_000_000;

  /** Room for the context, its stack and the allocator's rounding. */
  private static final long OVERHEAD = 1 << 20;

  private RawProgram() {}

  /** A program broke a rule of the instruction set, before it ran or while it did. */
  public static final class FailureException extends Exception {
    private static final long serialVersionUID = 1L;

    FailureException(String message) {
      super(message);
    }
  }

  /**
   * Runs once and returns r0.
   *
   * @param memory changed as the program changes it; at most {@link #MAX_MEMORY} bytes
   * @param interpret in the interpreter instead of compiled
   * @throws FailureException with the reason in one sentence
   */
  public static long run(List<Instruction> program, byte[] memory, boolean interpret)
      throws FailureException {
    if (memory.length > MAX_MEMORY) {
      throw new FailureException(
          "memory of " + memory.length + " bytes is more than " + MAX_MEMORY);
    }
    try (Region region = Region.reserve(OVERHEAD + memory.length)) {
      XdpContext context = new XdpContext(region, 0);
      long address = region.allocate(memory.length, 16);
      MemorySegment segment = region.segment().asSlice(address, memory.length);
      MemorySegment.copy(memory, 0, segment, ValueLayout.JAVA_BYTE, 0, memory.length);
      long r0 =
          interpret
              ? interpret(program, context, address, memory.length)
              : compile(program, context, address, memory.length);
      MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, 0, memory, 0, memory.length);
      return r0;
    }
  }

  private static long interpret(
      List<Instruction> program, XdpContext context, long address, int length)
      throws FailureException {
    InterpreterOptions options =
        InterpreterOptions.defaults()
            .withInstructionLimit(INSTRUCTION_LIMIT)
            .withMemory(List.of(new InterpreterOptions.Span(address, length)));
    try {
      return new InterpretedProgram(program, List.of(), context.region, options)
          .execute(context, context.stackTop, address, length);
    } catch (IllegalArgumentException | FaultException refused) {
      throw new FailureException(refused.getMessage());
    }
  }

  private static long compile(
      List<Instruction> program, XdpContext context, long address, int length)
      throws FailureException {
    Compiler.Options options =
        Compiler.Options.defaults()
            .withLoopBudget(LOOP_BUDGET)
            .withHelpers(id -> Helpers.byId(id).orElse(null));
    try {
      return Compiler.compileUnverified(program, context.region, options)
          .call(context, address, length, context.stackTop);
    } catch (CompileException | ProgramFaultException | IllegalArgumentException refused) {
      throw new FailureException(refused.getMessage());
    } catch (IndexOutOfBoundsException outside) {
      throw new FailureException("the program leaves its memory: " + outside.getMessage());
    } catch (IllegalStateException helper) {
      throw new FailureException(helper.getMessage());
    } catch (StackOverflowError deep) {
      throw new FailureException("calls nest too deep");
    }
  }
}
