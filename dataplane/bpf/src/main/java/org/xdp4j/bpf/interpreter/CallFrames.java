package org.xdp4j.bpf.interpreter;

import org.xdp4j.bpf.context.XdpContext;

/**
 * The call frames of one program: what a call keeps and an exit brings back.
 *
 * <pre>
 *  first frame's r10 ->  | stack of frame 0, 512 bytes |
 *  second frame's r10 -> | stack of frame 1            |
 *                        | ...                         |
 * </pre>
 */
final class CallFrames {
  /**
   * Times one call frame may pass may_goto. Linux 6.18 counts as far where its JIT has no clock to
   * end loops by (BPF_MAX_LOOPS, linux/bpf_verifier.h); a count gives the same answer on each run.
   */
  static final int MAX_LOOPS = 8 * 1024 * 1024;

  private static final int FIRST_SAVED = 6;
  private static final int SAVED = 5; // r6 to r10

  private final long[][] saved = new long[XdpContext.MAX_LINKED_FRAMES][];
  private final int[] returnTo = new int[XdpContext.MAX_LINKED_FRAMES];
  private final int[] loops = new int[XdpContext.MAX_LINKED_FRAMES];
  private final int[] starts = new int[XdpContext.MAX_LINKED_FRAMES];
  private final int most;
  private int depth;

  /**
   * @param most frames there may be
   */
  CallFrames(int most) {
    this.most = most;
  }

  /** Whether only the program's own first frame is active. */
  boolean isOutermost() {
    return depth == 0;
  }

  /** How many frames are active besides the first. */
  int depth() {
    return depth;
  }

  /** Whether no further call is possible. */
  boolean isFull() {
    return depth + 1 == most;
  }

  /** Keeps r6 to r10 and where to go on, and gives the new frame its r10. */
  void push(int next, long[] registers) {
    depth++;
    returnTo[depth] = next;
    saved[depth] = new long[SAVED];
    System.arraycopy(registers, FIRST_SAVED, saved[depth], 0, SAVED);
    registers[10] -= XdpContext.STACK_SIZE;
  }

  /** The innermost frame begins anew, as one of the function that starts at {@code start}. */
  void begin(int start) {
    starts[depth] = start;
    loops[depth] = MAX_LOOPS;
  }

  /** Where the function starts that frame {@code number} is of. */
  int start(int number) {
    return starts[number];
  }

  /** Brings r6 to r10 back and returns where to go on. */
  int pop(long[] registers) {
    System.arraycopy(saved[depth], 0, registers, FIRST_SAVED, SAVED);
    return returnTo[depth--];
  }

  /** Counts one pass of may_goto; false when there are none left. */
  boolean mayLoop() {
    if (loops[depth] == 0) {
      return false;
    }
    loops[depth]--;
    return true;
  }
}
