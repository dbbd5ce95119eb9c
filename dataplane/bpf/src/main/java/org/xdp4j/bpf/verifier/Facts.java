package org.xdp4j.bpf.verifier;

import java.util.Arrays;

/** What the paths found out, instruction by instruction, merged over all of them. */
final class Facts {
  private static final int UNSET = Integer.MIN_VALUE + 1;
  private static final int NO_CALL = -2;
  private static final byte JUMPS = 1;
  private static final byte GOES_ON = 2;

  final MemoryKind[] kinds;
  final int[] offsets;
  final int[] maps;
  final int[] functions;
  final boolean[] reached;
  final NumberFacts numbers;
  private final byte[] outcomes;

  Facts(int instructions) {
    kinds = new MemoryKind[instructions];
    Arrays.fill(kinds, MemoryKind.NONE);
    offsets = new int[instructions];
    Arrays.fill(offsets, UNSET);
    maps = new int[instructions];
    Arrays.fill(maps, NO_CALL);
    functions = new int[instructions];
    Arrays.fill(functions, NO_CALL);
    reached = new boolean[instructions];
    numbers = new NumberFacts(instructions);
    outcomes = new byte[instructions];
  }

  /**
   * An access at {@code instruction}.
   *
   * @return false when another path touches the context or the arena there and this one does not,
   *     or the other way round
   */
  boolean access(int instruction, MemoryKind kind, int offset) {
    MemoryKind known = kinds[instruction];
    if (known == MemoryKind.NONE) {
      kinds[instruction] = kind;
    } else if (known != kind) {
      if (isAlone(known) || isAlone(kind)) {
        return false;
      }
      boolean probed = known == MemoryKind.PROBED || kind == MemoryKind.PROBED;
      kinds[instruction] = probed ? MemoryKind.PROBED : MemoryKind.MEMORY;
    }
    int before = offsets[instruction];
    offsets[instruction] =
        before == UNSET || before == offset ? offset : VerifiedProgram.UNKNOWN_OFFSET;
    return true;
  }

  /** Whether an instruction that touches this touches nothing else on any path. */
  private static boolean isAlone(MemoryKind kind) {
    return kind == MemoryKind.CONTEXT || kind == MemoryKind.ARENA;
  }

  /** A comparison that may jump, or may not, on the path being followed. */
  void branch(int instruction, boolean jumps, boolean goesOn) {
    outcomes[instruction] |= (byte) ((jumps ? JUMPS : 0) | (goesOn ? GOES_ON : 0));
  }

  private BranchOutcome[] outcomes() {
    BranchOutcome[] found = new BranchOutcome[outcomes.length];
    for (int i = 0; i < found.length; i++) {
      found[i] =
          switch (outcomes[i]) {
            case 0 -> BranchOutcome.NONE;
            case JUMPS -> BranchOutcome.ALWAYS;
            case GOES_ON -> BranchOutcome.NEVER;
            default -> BranchOutcome.EITHER;
          };
    }
    return found;
  }

  /** A helper call that is given the map of this index; -1 for an inner map or none. */
  void call(int instruction, int map) {
    int before = maps[instruction];
    maps[instruction] = before == NO_CALL || before == map ? map : VerifiedProgram.NO_MAP;
  }

  /** A helper call that is given the function that starts at {@code start} as a callback. */
  void callback(int instruction, int start) {
    int before = functions[instruction];
    functions[instruction] =
        before == NO_CALL || before == start ? start : VerifiedProgram.NO_FUNCTION;
  }

  VerifiedProgram finish(Verification v) {
    for (int i = 0; i < kinds.length; i++) {
      if (kinds[i] == MemoryKind.MEMORY || kinds[i] == MemoryKind.PROBED || offsets[i] == UNSET) {
        offsets[i] = VerifiedProgram.UNKNOWN_OFFSET;
      }
      if (maps[i] == NO_CALL) {
        maps[i] = VerifiedProgram.NO_MAP;
      }
      if (functions[i] == NO_CALL) {
        functions[i] = VerifiedProgram.NO_FUNCTION;
      }
    }
    VerifiedProgram program =
        new VerifiedProgram(
            v.arenas.narrow(v.deadCode.remove()),
            v.maps,
            kinds,
            offsets,
            maps,
            functions,
            reached,
            v.processed);
    program.setClaims(outcomes(), numbers.finish());
    return program;
  }
}
