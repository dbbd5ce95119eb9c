package org.xdp4j.engine.forward;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.List;
import org.xdp4j.bpf.SampleFrame;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.frame.Frame;

/**
 * Copies of a few frames that came in of late through one port to one worker, for programs to be
 * warmed up with before they take over. The worker writes over the oldest and never waits; any
 * thread reads, and leaves out what is being written just then. At first every batch leaves a copy
 * of its first frame, later one in a thousand frames does, so that a port that has little to do has
 * samples too and a busy one does not notice.
 */
final class FrameSamples {
  /** The most that is kept. */
  static final int COUNT = 32;

  /** Longer frames are no samples: cut short they would take other ways through a program. */
  static final int LONGEST = 2048;

  private static final int RAREST = 1024;
  private static final VarHandle VERSION = MethodHandles.arrayElementVarHandle(long[].class);

  private final int ifindex;
  private final int worker;

  /** Made as they are needed: most ports of most workers never are. */
  private final byte[][] bytes = new byte[COUNT][];

  private final int[] lengths = new int[COUNT];
  private final long[] nanos = new long[COUNT];

  /** Of each copy: 0 when there is none, odd while it is being written. */
  private final long[] versions = new long[COUNT];

  private int next;
  private int every = 1;
  private int left;

  FrameSamples(int ifindex, int worker) {
    this.ifindex = ifindex;
    this.worker = worker;
  }

  /** Frames came in; the worker's thread only. */
  void saw(MemorySegment memory, Frame[] frames, int count) {
    left -= count;
    if (left <= 0 && frames[0].length() <= LONGEST) {
      keep(memory, frames[0]);
    }
  }

  private void keep(MemorySegment memory, Frame frame) {
    int at = next;
    long version = versions[at];
    VERSION.setOpaque(versions, at, version + 1);
    VarHandle.storeStoreFence();
    int length = frame.length();
    if (bytes[at] == null) {
      bytes[at] = new byte[LONGEST];
    }
    MemorySegment.copy(memory, Region.BYTE, frame.data, bytes[at], 0, length);
    lengths[at] = length;
    nanos[at] = frame.nanos;
    VERSION.setRelease(versions, at, version + 2);
    next = (at + 1) % COUNT;
    left = every;
    if (next == 0) {
      every = RAREST;
    }
  }

  /** Adds what there is. Any thread. */
  void addTo(List<SampleFrame> frames) {
    for (int i = 0; i < COUNT; i++) {
      long version = (long) VERSION.getAcquire(versions, i);
      if (version == 0 || (version & 1) != 0) {
        continue;
      }
      byte[] copy = Arrays.copyOf(bytes[i], Math.min(LONGEST, lengths[i]));
      long time = nanos[i];
      VarHandle.loadLoadFence();
      if ((long) VERSION.getOpaque(versions, i) == version) {
        frames.add(new SampleFrame(copy, ifindex, worker, time));
      }
    }
  }
}
