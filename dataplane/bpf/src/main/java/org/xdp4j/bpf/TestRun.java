package org.xdp4j.bpf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.xdp4j.bpf.context.Routing;
import org.xdp4j.bpf.context.XdpContext;
import org.xdp4j.bpf.memory.Region;

/**
 * Runs a program over one frame of the caller's, as {@code BPF_PROG_TEST_RUN} does: a page with 256
 * bytes of headroom and 320 of tailroom that the kernel keeps for itself, interface index 1, which
 * is the loopback unless the context knows a routing, and no reset of the frame between repeats
 * (net/bpf/test_run.c).
 */
public final class TestRun {
  /** Bytes before the packet (XDP_PACKET_HEADROOM). */
  public static final int HEADROOM = 256;

  /** The least the kernel runs on: an Ethernet header. */
  public static final int MIN_FRAME = 14;

  /** The most that fits beside headroom and tailroom in one page. */
  public static final int MAX_FRAME = 4096 - HEADROOM - 320;

  /** The loopback interface, which the kernel pretends the frame came in on. */
  private static final int LOOPBACK_IFINDEX = 1;

  private TestRun() {}

  /**
   * What a run gave.
   *
   * @param returnCode r0 of the last repeat
   * @param data the frame afterwards, with the metadata the program put before it, as the kernel
   *     gives it back
   * @param nanosPerRun the mean over all repeats
   */
  public record Result(int returnCode, byte[] data, double nanosPerRun) {
    /** What Linux would do with the frame. */
    public XdpAction action() {
      return XdpAction.of(returnCode);
    }
  }

  /**
   * Runs {@code program} {@code repeat} times over {@code frame}.
   *
   * @param frame {@value #MIN_FRAME} to {@link #MAX_FRAME} bytes
   * @throws IllegalArgumentException when the frame's size or {@code repeat} is out of range
   */
  public static Result run(XdpProgram program, XdpContext context, byte[] frame, int repeat) {
    if (frame.length < MIN_FRAME || frame.length > MAX_FRAME) {
      throw new IllegalArgumentException(
          "a frame has %d to %d bytes, not %d".formatted(MIN_FRAME, MAX_FRAME, frame.length));
    }
    if (repeat < 1) {
      throw new IllegalArgumentException("repeat is 1 or more, not " + repeat);
    }
    Region region = context.region;
    long size = HEADROOM + MAX_FRAME;
    long start = region.allocate(size, 64);
    Routing routing = context.routing;
    try {
      context.routing = routing == Routing.NONE ? Routing.LOOPBACK : routing;
      place(context, start, start + size, frame);
      int returnCode = 0;
      long begin = System.nanoTime();
      for (int i = 0; i < repeat; i++) {
        returnCode = program.run(context);
      }
      double nanos = (System.nanoTime() - begin) / (double) repeat;
      return new Result(returnCode, contents(context), nanos);
    } finally {
      context.routing = routing;
      region.free(start, size);
    }
  }

  private static void place(XdpContext context, long start, long end, byte[] frame) {
    context.frameStart = start;
    context.frameEnd = end;
    context.data = start + HEADROOM;
    context.dataMeta = context.data;
    context.dataEnd = context.data + frame.length;
    context.ingressIfindex = LOOPBACK_IFINDEX;
    context.rxQueueIndex = 0;
    context.egressIfindex = 0;
    MemorySegment.copy(
        frame, 0, context.region.segment(), ValueLayout.JAVA_BYTE, context.data, frame.length);
  }

  private static byte[] contents(XdpContext context) {
    return context
        .region
        .segment()
        .asSlice(context.dataMeta, context.dataEnd - context.dataMeta)
        .toArray(ValueLayout.JAVA_BYTE);
  }
}
