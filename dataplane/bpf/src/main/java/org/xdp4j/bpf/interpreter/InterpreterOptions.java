package org.xdp4j.bpf.interpreter;

import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import org.xdp4j.bpf.context.LocalTypes;
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
 * @param types the structs that the program allocates objects of, as an instruction knows them
 * @param exceptionCallbacks where each of the programs that were put together starts, and where the
 *     function starts that exceptions in it end in, -1 for none
 * @param arenas the index of the arena that an instruction touches or casts pointers of, -1 for
 *     none
 * @param probes whether an instruction is a load that gives 0 where nothing is
 * @param inlinedLoops whether a call of {@code bpf_loop} is one that Linux inlines
 */
public record InterpreterOptions(
    long instructionLimit,
    StepListener listener,
    List<Span> memory,
    IntFunction<HelperSpec> helpers,
    int callFrames,
    IntFunction<LocalTypes> types,
    Map<Integer, Integer> exceptionCallbacks,
    IntUnaryOperator arenas,
    IntPredicate probes,
    IntPredicate inlinedLoops) {

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
        instruction -> LocalTypes.NONE,
        Map.of(0, -1),
        instruction -> -1,
        instruction -> false,
        instruction -> false);
  }

  /** A copy with this limit. */
  public InterpreterOptions withInstructionLimit(long limit) {
    return new InterpreterOptions(
        limit,
        listener,
        memory,
        helpers,
        callFrames,
        types,
        exceptionCallbacks,
        arenas,
        probes,
        inlinedLoops);
  }

  /** A copy with this listener. */
  public InterpreterOptions withListener(StepListener newListener) {
    return new InterpreterOptions(
        instructionLimit,
        newListener,
        memory,
        helpers,
        callFrames,
        types,
        exceptionCallbacks,
        arenas,
        probes,
        inlinedLoops);
  }

  /** A copy with this memory. */
  public InterpreterOptions withMemory(List<Span> spans) {
    return new InterpreterOptions(
        instructionLimit,
        listener,
        List.copyOf(spans),
        helpers,
        callFrames,
        types,
        exceptionCallbacks,
        arenas,
        probes,
        inlinedLoops);
  }

  /** A copy with this table of helpers. */
  public InterpreterOptions withHelpers(IntFunction<HelperSpec> table) {
    return new InterpreterOptions(
        instructionLimit,
        listener,
        memory,
        table,
        callFrames,
        types,
        exceptionCallbacks,
        arenas,
        probes,
        inlinedLoops);
  }

  /** A copy for programs that others were put into. */
  public InterpreterOptions withCallFrames(int frames) {
    return new InterpreterOptions(
        instructionLimit,
        listener,
        memory,
        helpers,
        frames,
        types,
        exceptionCallbacks,
        arenas,
        probes,
        inlinedLoops);
  }

  /** A copy with these structs. */
  public InterpreterOptions withTypes(IntFunction<LocalTypes> structs) {
    return new InterpreterOptions(
        instructionLimit,
        listener,
        memory,
        helpers,
        callFrames,
        structs,
        exceptionCallbacks,
        arenas,
        probes,
        inlinedLoops);
  }

  /** A copy with these exception callbacks. */
  public InterpreterOptions withExceptionCallbacks(Map<Integer, Integer> callbacks) {
    return new InterpreterOptions(
        instructionLimit,
        listener,
        memory,
        helpers,
        callFrames,
        types,
        callbacks,
        arenas,
        probes,
        inlinedLoops);
  }

  /** A copy for a program that uses arenas. */
  public InterpreterOptions withArenas(IntUnaryOperator uses) {
    return new InterpreterOptions(
        instructionLimit,
        listener,
        memory,
        helpers,
        callFrames,
        types,
        exceptionCallbacks,
        uses,
        probes,
        inlinedLoops);
  }

  /** A copy for a program with loads that nothing need be known of. */
  public InterpreterOptions withProbes(IntPredicate loads) {
    return new InterpreterOptions(
        instructionLimit,
        listener,
        memory,
        helpers,
        callFrames,
        types,
        exceptionCallbacks,
        arenas,
        loads,
        inlinedLoops);
  }

  /** A copy that does these calls of {@code bpf_loop} as the loops do that Linux inlines. */
  public InterpreterOptions withInlinedLoops(IntPredicate calls) {
    return new InterpreterOptions(
        instructionLimit,
        listener,
        memory,
        helpers,
        callFrames,
        types,
        exceptionCallbacks,
        arenas,
        probes,
        calls);
  }
}
