package org.xdp4j.bpf.context;

/**
 * Frames that one call of a program runs over, as columns. Owned by one worker thread; filled, run
 * and read again and again without allocating.
 */
public final class XdpBatch {
  /** Frames in use, from index 0. */
  public int size;

  /**
   * Frames that have been run, from index 0; {@link #leave} counts it up. Set it to 0 before a run.
   */
  public int done;

  public final long[] frameStart;
  public final long[] dataMeta;
  public final long[] data;
  public final long[] dataEnd;
  public final long[] frameEnd;

  /**
   * Bytes of the packet in fragments, which begin at {@link #dataEnd} as it was before the run; see
   * {@link XdpContext#fragsSize}.
   */
  public final int[] fragsSize;

  public final int[] ingressIfindex;
  public final int[] rxQueueIndex;

  /** The frame's own time, {@link XdpContext#frameNanos}. */
  public final long[] nanos;

  /** r0 of each frame, as the program left it. */
  public final int[] verdict;

  public final long[] redirectMap;
  public final long[] redirectTarget;
  public final long[] redirectFlags;

  /** What {@link Executable#lookAhead} knows of each frame. */
  public final long[] ahead;

  /** Makes room for {@code capacity} frames. */
  public XdpBatch(int capacity) {
    this(capacity, true);
  }

  private XdpBatch(int capacity, boolean haveRoom) {
    data = new long[capacity];
    dataEnd = new long[capacity];
    frameStart = haveRoom ? new long[capacity] : data;
    dataMeta = haveRoom ? new long[capacity] : data;
    frameEnd = haveRoom ? new long[capacity] : dataEnd;
    fragsSize = new int[capacity];
    ingressIfindex = new int[capacity];
    rxQueueIndex = new int[capacity];
    nanos = new long[capacity];
    verdict = new int[capacity];
    redirectMap = new long[capacity];
    redirectTarget = new long[capacity];
    redirectFlags = new long[capacity];
    ahead = new long[capacity];
  }

  /**
   * The same for frames without room around them, whose first and last byte are also their
   * buffer's: one column each instead of five.
   */
  public static XdpBatch inPlace(int capacity) {
    return new XdpBatch(capacity, false);
  }

  /** Frames there is room for. */
  public int capacity() {
    return data.length;
  }

  /**
   * Makes frames that are longer than {@code first} bytes packets of several buffers, for programs
   * that take these: what is behind the first buffer is in fragments. {@link #join} undoes it.
   */
  public void split(int first) {
    for (int i = 0; i < size; i++) {
      long behind = dataEnd[i] - data[i] - first;
      fragsSize[i] = (int) Math.max(0, behind);
      dataEnd[i] -= fragsSize[i];
    }
  }

  /** Makes each frame one piece again, as long as the program left it. */
  public void join() {
    for (int i = 0; i < size; i++) {
      dataEnd[i] += fragsSize[i];
      fragsSize[i] = 0;
    }
  }

  /** Points {@code context} at frame {@code i}. */
  public void enter(int i, XdpContext context) {
    context.reset();
    context.frameStart = frameStart[i];
    context.dataMeta = dataMeta[i];
    context.data = data[i];
    context.dataEnd = dataEnd[i];
    context.frameEnd = fragsSize[i] == 0 ? frameEnd[i] : dataEnd[i];
    context.fragsStart = dataEnd[i];
    context.fragsSize = fragsSize[i];
    context.fragsEnd = frameEnd[i];
    context.ingressIfindex = ingressIfindex[i];
    context.rxQueueIndex = rxQueueIndex[i];
    context.frameNanos = nanos[i];
  }

  /** Takes back what a run did to frame {@code i}, whose fragments then follow its first buffer. */
  public void leave(int i, XdpContext context, long r0) {
    if (context.fragsSize != 0) {
      context.closeGap();
    }
    dataMeta[i] = context.dataMeta;
    data[i] = context.data;
    dataEnd[i] = context.dataEnd;
    fragsSize[i] = (int) context.fragsSize;
    verdict[i] = (int) r0;
    redirectMap[i] = context.redirectMap;
    redirectTarget[i] = context.redirectTarget;
    redirectFlags[i] = context.redirectFlags;
    done = i + 1;
  }
}
