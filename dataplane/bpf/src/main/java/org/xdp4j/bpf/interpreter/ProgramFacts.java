package org.xdp4j.bpf.interpreter;

import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;
import org.xdp4j.bpf.context.LocalTypes;

/**
 * What is known of a program beyond its instructions, by their indexes.
 *
 * @param types the structs that the program allocates objects of, as an instruction knows them
 * @param exceptionCallbacks where each of the programs that were put together starts, and where the
 *     function starts that exceptions in it end in, -1 for none
 * @param arenas the index of the arena that an instruction touches or casts pointers of, -1 for
 *     none
 * @param probes whether an instruction is a load that gives 0 where nothing is
 * @param inlinedLoops whether a call of {@code bpf_loop} is one that Linux inlines
 */
public record ProgramFacts(
    IntFunction<LocalTypes> types,
    Map<Integer, Integer> exceptionCallbacks,
    IntUnaryOperator arenas,
    IntPredicate probes,
    IntPredicate inlinedLoops) {
  /** Of a program that is nothing but its instructions. */
  public static final ProgramFacts NONE =
      new ProgramFacts(
          instruction -> LocalTypes.NONE,
          Map.of(0, -1),
          instruction -> -1,
          instruction -> false,
          instruction -> false);
}
