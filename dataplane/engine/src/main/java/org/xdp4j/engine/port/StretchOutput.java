package org.xdp4j.engine.port;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.xdp4j.bpf.memory.Region;
import org.xdp4j.engine.frame.Frame;

/**
 * Keeps copies of the frames of a stretch until it is the stretch's turn to be written. Owned by
 * one thread; the output behind it is used by whoever's turn it is.
 *
 * <pre>
 *  0 timestamp   8 interface   12 verdict   16 length   20 length on the wire   24 the frame
 * </pre>
 */
public final class StretchOutput implements Transmitter {
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final int HEADER = 24;
  private static final int FIRST_ROOM = 1 << 16;

  private final CaptureOutput out;
  private final MemorySegment region;
  private byte[] bytes = new byte[FIRST_ROOM];
  private MemorySegment kept = MemorySegment.ofArray(bytes);
  private int used;
  private IOException failure;

  /** Makes one in front of {@code out}. */
  public StretchOutput(CaptureOutput out, Region region) {
    this.out = out;
    this.region = region.segment();
  }

  @Override
  public void transmit(Frame frame, int ifindex) throws IOException {
    if (failure != null) {
      throw failure;
    }
    int length = frame.length();
    if (used > bytes.length - HEADER - length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, used + HEADER + length));
      kept = MemorySegment.ofArray(bytes);
    }
    int at = used;
    kept.set(LONG, at, frame.timestamp);
    kept.set(INT, at + 8, ifindex);
    kept.set(INT, at + 12, frame.verdict);
    kept.set(INT, at + 16, length);
    kept.set(INT, at + 20, frame.wireLength());
    MemorySegment.copy(region, frame.data, kept, at + HEADER, length);
    used = at + HEADER + length;
  }

  /** Writes what was kept. */
  public void write() {
    try {
      int at = 0;
      while (at < used) {
        int length = kept.get(INT, at + 16);
        out.write(
            kept.get(INT, at + 8),
            kept.get(LONG, at),
            kept,
            at + HEADER,
            length,
            kept.get(INT, at + 20),
            kept.get(INT, at + 12),
            null);
        at += HEADER + length;
      }
    } catch (IOException e) {
      failure = e;
    }
    used = 0;
  }

  /** Why nothing can be written any more, or null. */
  public IOException failure() {
    return failure;
  }
}
