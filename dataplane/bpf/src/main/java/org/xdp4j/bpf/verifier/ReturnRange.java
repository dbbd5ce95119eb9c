package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.context.XdpContext;

/** What is known of the numbers that helpers return (kernel: do_refine_retval_range). */
final class ReturnRange {
  private static final int GET_SMP_PROCESSOR_ID = 8;
  private static final int PROBE_READ_STR = 45;
  private static final int GET_STACK = 67;
  private static final int PROBE_READ_USER_STR = 114;
  private static final int PROBE_READ_KERNEL_STR = 115;
  private static final int GET_TASK_STACK = 141;

  /** The greatest number that an error can be (kernel: MAX_ERRNO). */
  private static final int MAX_ERRNO = 4095;

  /** A negative errno, as an {@code int}. */
  static final ScalarRange FAILED = failed();

  private ReturnRange() {}

  private static ScalarRange failed() {
    Bounds b = new Bounds(ScalarRange.UNKNOWN);
    b.s32min = -MAX_ERRNO;
    b.s32max = -1;
    b.sync();
    return ScalarRange.of(b);
  }

  /** What helper {@code id} leaves in r0 when it was called with {@code arguments}. */
  static RegisterState of(int id, HelperArguments arguments) {
    return switch (id) {
      case PROBE_READ_STR, PROBE_READ_USER_STR, PROBE_READ_KERNEL_STR, GET_STACK, GET_TASK_STACK ->
          between(-MAX_ERRNO, arguments.largestSize);
      case GET_SMP_PROCESSOR_ID -> between(0, XdpContext.MAX_CPUS - 1);
      default -> RegisterState.UNKNOWN;
    };
  }

  private static RegisterState between(long least, long most) {
    Bounds b = new Bounds(ScalarRange.UNKNOWN);
    b.atLeastSigned(least);
    b.atMostSigned(most);
    b.sync();
    return RegisterState.scalar(ScalarRange.of(b));
  }
}
