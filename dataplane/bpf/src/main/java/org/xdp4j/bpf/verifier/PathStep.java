package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.object.LineInfo;

/**
 * One thing on the way to a refusal that mattered.
 *
 * @param kind what it is
 * @param instruction its index
 * @param line its source line, or null
 * @param text what happened, in words: {@code packet + 14 > packet end is false}
 * @param times how often in a row, 1 up
 * @param next the source line that the path went on with, or null
 */
public record PathStep(
    Kind kind, int instruction, LineInfo line, String text, int times, LineInfo next) {

  /** What happens on a path. */
  public enum Kind {
    /** A condition that could have come out either way. */
    BRANCH,
    /** A subprogram that is still running at the refusal was called. */
    CALL,
    /** A jump back, which nothing known could have kept from being made. */
    TURN,
    /** The value at fault came to be. */
    ORIGIN,
    /** A call made packet pointers invalid. */
    INVALIDATION,
    /** A resource was acquired. */
    ACQUISITION,
    /** Steps that were left out: {@link #times} of them. */
    OMISSION
  }

  PathStep repeated(int more) {
    return new PathStep(kind, instruction, line, text, times + more, next);
  }
}
