package org.xdp4j.bpf.verifier;

import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.Subprogram;

/**
 * A program that was proved safe, with what the proof found out, instruction by instruction. The
 * compiler relies on it and keeps no opinion of its own about safety.
 */
public final class VerifiedProgram {
  /** {@link #offset} of an access whose offset is not the same on every path. */
  public static final int UNKNOWN_OFFSET = Integer.MIN_VALUE;

  /** {@link #map} of a call that meets several maps, or of an instruction that meets none. */
  public static final int NO_MAP = -1;

  /** {@link #function} of a call that is given several functions, or none, or flags to a loop. */
  public static final int NO_FUNCTION = -1;

  /** Registers that {@link #number} knows: r0 to r9. */
  static final int NUMBERED_REGISTERS = 10;

  private final BpfProgram program;
  private final List<MapSpec> maps;
  private final MemoryKind[] kinds;
  private final int[] offsets;
  private final int[] mapIndexes;
  private final int[] functions;
  private final boolean[] reached;
  private final int processed;
  private List<ProgramPart> parts;
  private BranchOutcome[] outcomes;
  private NumberRange[] numbers;
  private Map<Integer, Integer> exceptionCallbacks;

  /** A program without callbacks; see the other constructor. */
  public VerifiedProgram(
      BpfProgram program,
      List<MapSpec> maps,
      MemoryKind[] kinds,
      int[] offsets,
      int[] mapIndexes,
      boolean[] reached,
      int processed) {
    this(program, maps, kinds, offsets, mapIndexes, null, reached, processed);
  }

  /**
   * Takes over the arrays, each with one element an instruction slot.
   *
   * @param functions null where no call is given a function
   * @param processed instructions followed in the proof
   */
  public VerifiedProgram(
      BpfProgram program,
      List<MapSpec> maps,
      MemoryKind[] kinds,
      int[] offsets,
      int[] mapIndexes,
      int[] functions,
      boolean[] reached,
      int processed) {
    this.program = program;
    this.maps = maps;
    this.kinds = kinds;
    this.offsets = offsets;
    this.mapIndexes = mapIndexes;
    this.functions = functions;
    this.reached = reached;
    this.processed = processed;
    this.exceptionCallbacks = Map.of(0, program.exceptionCallback());
    this.parts = List.of(new ProgramPart(0, program.btf(), program.kernel()));
  }

  /** What else the proof found out, once and before the program is given to anybody. */
  void setClaims(BranchOutcome[] newOutcomes, NumberRange[] newNumbers) {
    outcomes = newOutcomes;
    numbers = newNumbers;
  }

  /** Where exceptions end in a program of several, once and before it is given to anybody. */
  void setExceptionCallbacks(Map<Integer, Integer> callbacks) {
    exceptionCallbacks = callbacks;
  }

  /**
   * Where exceptions end: by the first instruction of each program that this one was put together
   * of, the first instruction of the function that what is thrown in that program ends in, -1 for
   * none. In Linux, too, an exception ends the innermost program that was loaded by itself, and
   * whatever called that goes on ({@code bpf_throw}, kernel/bpf/helpers.c).
   */
  public Map<Integer, Integer> exceptionCallbacks() {
    return exceptionCallbacks;
  }

  /** Says what it was put together of, once and before the program is given to anybody. */
  void setParts(List<ProgramPart> newParts) {
    parts = newParts;
  }

  /** Whose its instructions are, ascending: one part, unless programs were put together. */
  public List<ProgramPart> parts() {
    return parts;
  }

  /** How the comparison at {@code instruction} comes out; NONE where nothing is compared. */
  public BranchOutcome outcome(int instruction) {
    return outcomes == null ? BranchOutcome.NONE : outcomes[instruction];
  }

  /**
   * What is known of the number that {@code register} (0 to 9) holds before {@code instruction}, on
   * every path; null when the proof does not rest on it: then it may be anything, whatever single
   * paths know.
   */
  public NumberRange number(int instruction, int register) {
    return numbers == null ? null : numbers[instruction * NUMBERED_REGISTERS + register];
  }

  public BpfProgram program() {
    return program;
  }

  /**
   * This program with another one in the place of its function {@code function}: the other's maps
   * behind its own, its instructions behind its own. Whether that may be is for {@link
   * Extension#objection} to say, or for whoever made this program with it in mind.
   *
   * @throws IllegalArgumentException when there is no such function
   */
  public VerifiedProgram replacing(String function, VerifiedProgram other) {
    Subprogram replaced = program.function(function);
    if (replaced == null) {
      throw new IllegalArgumentException(program.name() + " has no function " + function);
    }
    return new ProgramLinker(this, other).link(replaced.start());
  }

  /** The object's map definitions, as instructions index them. */
  public List<MapSpec> maps() {
    return maps;
  }

  /** What the load, store or atomic operation at {@code instruction} touches. */
  public MemoryKind kind(int instruction) {
    return kinds[instruction];
  }

  /**
   * Where the access at {@code instruction} lies: for CONTEXT the offset in {@code struct xdp_md};
   * for STACK the (negative) offset from r10 of the frame it belongs to, when that is the frame of
   * the instruction itself; for PACKET the offset from {@code data}, as it is then, all bytes of
   * the access being proved to lie before {@code data_end}; else {@link #UNKNOWN_OFFSET}.
   */
  public int offset(int instruction) {
    return offsets[instruction];
  }

  /** For a helper call: the index of the only map it is ever given, else {@link #NO_MAP}. */
  public int map(int instruction) {
    return mapIndexes[instruction];
  }

  /**
   * For an access to an arena, and for a cast to user space's pointers into one: the index of the
   * arena, else {@link #NO_MAP}.
   */
  public int arena(int instruction) {
    boolean uses =
        kinds[instruction] == MemoryKind.ARENA
            || program.instructions().get(instruction).isAddressSpaceCast();
    return uses ? mapIndexes[instruction] : NO_MAP;
  }

  /** Whether the load at {@code instruction} gives 0 where nothing is. */
  public boolean isProbe(int instruction) {
    return kinds[instruction] == MemoryKind.PROBED;
  }

  /**
   * For a helper call: the first instruction of the only function it is ever given as a callback,
   * else {@link #NO_FUNCTION}. For {@code bpf_loop} that is so only where its flags are always 0.
   */
  public int function(int instruction) {
    return functions == null ? NO_FUNCTION : functions[instruction];
  }

  /** Whether Linux replaces the call of {@code bpf_loop} at {@code instruction} with a loop. */
  public boolean inlinesLoop(int instruction) {
    return function(instruction) != NO_FUNCTION;
  }

  /** Whether any path reaches {@code instruction}. */
  public boolean reached(int instruction) {
    return reached[instruction];
  }

  /** Instructions followed in the proof, as the kernel's log counts them. */
  public int processed() {
    return processed;
  }
}
