package org.xdp4j.bpf.verifier;

/** How a comparison comes out, as far as the proof knows. */
public enum BranchOutcome {
  /** The instruction compares nothing, or no path reaches it. */
  NONE,
  /** It jumps on every path. */
  ALWAYS,
  /** It jumps on no path. */
  NEVER,
  /** It may jump or not. */
  EITHER
}
