package org.xdp4j.bpf.interpreter;

import java.util.List;
import java.util.function.IntFunction;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.helper.HelperSpec;
import org.xdp4j.bpf.helper.Helpers;

/**
 * How to interpret.
 *
 * @param instructionLimit instructions one run may take before it faults; 0 for any number
 * @param listener sees every step
 * @param memory what the program may touch besides context, packet, stacks and maps
 * @param helpers the row of a helper's number, or null
 * @param callFrames call frames there may be at once, at most {@link XdpContext#MAX_LINKED_FRAMES}
 * @param facts what is known of the program
 */
public record InterpreterOptions(
    long instructionLimit,
    StepListener listener,
    List<Span> memory,
    IntFunction<HelperSpec> helpers,
    int callFrames,
    ProgramFacts facts) {

  /**
   * A piece of the region.
   *
   * @param address where it begins
   * @param size in bytes
   */
  public record Span(long address, long size) {
    boolean contains(long at, long bytes) {
      return at >= address && bytes <= size && at - address <= size - bytes;
    }
  }

  /** No limit, no listener, no further memory, every helper. */
  public static InterpreterOptions defaults() {
    return new InterpreterOptions(
        0,
        StepListener.NONE,
        List.of(),
        id -> Helpers.byId(id).orElse(null),
        XdpContext.MAX_CALL_FRAMES,
        ProgramFacts.NONE);
  }

  /** A copy with this limit. */
  public InterpreterOptions withInstructionLimit(long limit) {
    return new InterpreterOptions(limit, listener, memory, helpers, callFrames, facts);
  }

  /** A copy with this listener. */
  public InterpreterOptions withListener(StepListener newListener) {
    return new InterpreterOptions(
        instructionLimit, newListener, memory, helpers, callFrames, facts);
  }

  /** A copy with this memory. */
  public InterpreterOptions withMemory(List<Span> spans) {
    return new InterpreterOptions(
        instructionLimit, listener, List.copyOf(spans), helpers, callFrames, facts);
  }

  /** A copy with this table of helpers. */
  public InterpreterOptions withHelpers(IntFunction<HelperSpec> table) {
    return new InterpreterOptions(instructionLimit, listener, memory, table, callFrames, facts);
  }

  /** A copy for programs that others were put into. */
  public InterpreterOptions withCallFrames(int frames) {
    return new InterpreterOptions(instructionLimit, listener, memory, helpers, frames, facts);
  }

  /** A copy for a program of which this is known. */
  public InterpreterOptions withFacts(ProgramFacts known) {
    return new InterpreterOptions(instructionLimit, listener, memory, helpers, callFrames, known);
  }
}
