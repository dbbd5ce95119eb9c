package org.xdp4j.bpf.helper;

import static org.xdp4j.bpf.helper.ArgumentKind.CONST_STRING;
import static org.xdp4j.bpf.helper.ArgumentKind.IGNORED;
import static org.xdp4j.bpf.helper.ArgumentKind.READ_WRITE_MEM;
import static org.xdp4j.bpf.helper.ArgumentKind.SCALAR;
import static org.xdp4j.bpf.helper.ArgumentKind.SIZE_OR_ZERO;

import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.map.Errno;

/** A program's standard streams (kernel/bpf/stream.c). */
public final class StreamKfuncs {
  private static final long LOW = 0xffffffffL;

  /** {@code BPF_STDOUT}. */
  public static final int OUT = 1;

  /** {@code BPF_STDERR}. */
  public static final int ERR = 2;

  private StreamKfuncs() {}

  static void declare(KfuncTable table) {
    table
        .row("bpf_stream_vprintk_impl")
        .takes(SCALAR, CONST_STRING, READ_WRITE_MEM, SIZE_OR_ZERO, IGNORED)
        .by(StreamKfuncs.class, "print");
  }

  /**
   * {@code bpf_stream_vprintk_impl(int stream, format, data, u32 size, aux)}: 0, -ENOENT for
   * another stream than 1 and 2, -EINVAL for a format that is not accepted.
   */
  public static long print(
      XdpContext ctx, long stream, long format, long data, long size, long r5) {
    int number = (int) stream;
    if (number != OUT && number != ERR) {
      return Errno.ENOENT & LOW;
    }
    String text = TextHelpers.text(ctx, format, data, size);
    if (text == null) {
      return Errno.EINVAL & LOW;
    }
    ctx.events.stream(ctx.cpu, number, text);
    return 0;
  }
}
