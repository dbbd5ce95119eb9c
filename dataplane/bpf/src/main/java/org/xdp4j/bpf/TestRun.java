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

  /** The most that fits beside headroom and tailroom in one page: the packet's first buffer. */
  public static final int MAX_FRAME = 4096 - HEADROOM - 320;

  /** Fragments a packet may have behind its first buffer (MAX_SKB_FRAGS). */
  private static final int MAX_FRAGMENTS = 17;

  /** The most that fits a first buffer and fragments. */
  public static final int MAX_FRAGMENTED = MAX_FRAME + MAX_FRAGMENTS * XdpContext.FRAGMENT;

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
   * @param frame {@value #MIN_FRAME} to {@link #MAX_FRAGMENTED} bytes; those that do not fit the
   *     first buffer go to fragments, as in Linux also for programs that are not {@code xdp.frags}
   * @throws IllegalArgumentException when the frame's size or {@code repeat} is out of range
   */
  public static Result run(XdpProgram program, XdpContext context, byte[] frame, int repeat) {
    return run(program, context, frame, repeat, MAX_FRAME);
  }

  /**
   * The same with a shorter first buffer, as {@code data_end} of the context given to
   * BPF_PROG_TEST_RUN makes it since Linux 6.18.
   *
   * @param linear bytes of the first buffer, {@value #MIN_FRAME} to {@link #MAX_FRAME}
   */
  public static Result run(
      XdpProgram program, XdpContext context, byte[] frame, int repeat, int linear) {
    if (linear < MIN_FRAME || linear > MAX_FRAME) {
      throw new IllegalArgumentException(
          "a first buffer has %d to %d bytes, not %d".formatted(MIN_FRAME, MAX_FRAME, linear));
    }
    int most = linear + MAX_FRAGMENTS * XdpContext.FRAGMENT;
    if (frame.length < MIN_FRAME || frame.length > most) {
      throw new IllegalArgumentException(
          "a frame has %d to %d bytes, not %d".formatted(MIN_FRAME, most, frame.length));
    }
    if (repeat < 1) {
      throw new IllegalArgumentException("repeat is 1 or more, not " + repeat);
    }
    Region region = context.region;
    int inFragments = Math.max(0, frame.length - linear);
    int fragments = (inFragments + XdpContext.FRAGMENT - 1) / XdpContext.FRAGMENT;
    long size = HEADROOM + MAX_FRAME + (long) fragments * XdpContext.FRAGMENT;
    long start = region.allocate(size, 64);
    Routing routing = context.routing;
    try {
      context.routing = routing == Routing.NONE ? Routing.LOOPBACK : routing;
      place(context, start, start + size, frame, frame.length - inFragments);
      int returnCode = 0;
      long begin = System.nanoTime();
      for (int i = 0; i < repeat; i++) {
        returnCode = program.run(context);
      }
      double nanos = (System.nanoTime() - begin) / (double) repeat;
      return new Result(returnCode, contents(context), nanos);
    } finally {
      context.routing = routing;
      context.fragsSize = 0;
      region.free(start, size);
    }
  }

  private static void place(XdpContext context, long start, long end, byte[] frame, int linear) {
    context.frameStart = start;
    context.frameEnd = start + HEADROOM + MAX_FRAME;
    context.data = start + HEADROOM;
    context.dataMeta = context.data;
    context.dataEnd = context.data + linear;
    context.fragsStart = context.frameEnd;
    context.fragsSize = frame.length - linear;
    context.fragsEnd = end;
    context.ingressIfindex = LOOPBACK_IFINDEX;
    context.rxQueueIndex = 0;
    context.egressIfindex = 0;
    MemorySegment memory = context.region.segment();
    MemorySegment.copy(frame, 0, memory, ValueLayout.JAVA_BYTE, context.data, linear);
    MemorySegment.copy(
        frame, linear, memory, ValueLayout.JAVA_BYTE, context.fragsStart, frame.length - linear);
  }

  private static byte[] contents(XdpContext context) {
    MemorySegment memory = context.region.segment();
    int linear = (int) (context.dataEnd - context.dataMeta);
    byte[] all = new byte[linear + (int) context.fragsSize];
    MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, context.dataMeta, all, 0, linear);
    MemorySegment.copy(
        memory, ValueLayout.JAVA_BYTE, context.fragsStart, all, linear, (int) context.fragsSize);
    return all;
  }
}
