package org.xdp4j.bpf.verifier;

/** How much the verifier takes on, so that any program ends in bounded time and memory. */
final class VerifierLimits {
  /** Instructions followed (kernel: BPF_COMPLEXITY_LIMIT_INSNS). */
  static final int PROCESSED = 1_000_000;

  /** Slots of a program (the kernel's limit for privileged users is the same number). */
  static final int INSTRUCTIONS = 1_000_000;

  /** Functions of a program (kernel: BPF_MAX_SUBPROGS). */
  static final int FUNCTIONS = 256;

  /** Maps that a program names (kernel: MAX_USED_MAPS). */
  static final int MAPS = 64;

  /** Paths waiting to be followed (kernel: BPF_COMPLEXITY_LIMIT_JMP_SEQ). */
  static final int PENDING = 8192;

  /** Resources acquired and not released at one point. */
  static final int ACQUIRED = 256;

  /**
   * Memory for checkpoints. Beyond it no more are kept until some are forgotten, so that fewer
   * paths meet and the limit of instructions followed is reached sooner; Linux has no such limit.
   */
  static final long CHECKPOINT_BYTES = 256L << 20;

  /** Bytes of stack of one frame, and of all frames together (kernel: MAX_BPF_STACK). */
  static final int STACK = 512;

  /** Bytes of stack that callers of a tail-calling subprogram may have used. */
  static final int STACK_BEFORE_TAIL_CALL = 256;

  /** The largest variable offset of a pointer (kernel: BPF_MAX_VAR_OFF). */
  static final long VARIABLE_OFFSET = 1L << 29;

  /** The largest size argument (kernel: BPF_MAX_VAR_SIZ). */
  static final long VARIABLE_SIZE = 1L << 29;

  /** The largest offset at which packet bounds are tracked (kernel: MAX_PACKET_OFF). */
  static final long PACKET_OFFSET = 0xffff;

  private VerifierLimits() {}
}
