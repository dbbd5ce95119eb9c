package org.xdp4j.daemon.cli;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Counts frames, and frames lost, in a little-endian pcapng stream as it goes by.
 *
 * <pre>
 *  0 type   4 length   8 body ...
 *  statistics block's body:  8 interface   12 time   20 code (5: isb_ifdrop)   22 length   24 count
 * </pre>
 */
final class BlockCount {
  private static final int ENHANCED_PACKET = 6;
  private static final int STATISTICS = 5;
  private static final int HEAD = 32;

  private final ByteBuffer head = ByteBuffer.allocate(HEAD).order(ByteOrder.LITTLE_ENDIAN);
  private long position;
  private long frames;
  private long lost;

  /** Takes the next bytes of the stream. */
  void take(byte[] bytes, int count) {
    int at = 0;
    while (at < count) {
      int wanted = head.position() < 8 ? 8 : Math.min(HEAD, length());
      if (position < wanted) {
        int part = Math.min(wanted - (int) position, count - at);
        head.put(bytes, at, part);
        at += part;
        position += part;
      } else {
        int part = (int) Math.min(length() - position, count - at);
        at += part;
        position += part;
      }
      if (position >= 8 && position == length()) {
        end();
      }
    }
  }

  private int length() {
    return Math.max(12, head.getInt(4));
  }

  private void end() {
    if (head.getInt(0) == ENHANCED_PACKET) {
      frames++;
    } else if (head.getInt(0) == STATISTICS && head.position() == HEAD && head.getShort(20) == 5) {
      lost = head.getLong(24);
    }
    head.clear();
    position = 0;
  }

  /** Bytes there were so far of a block that has not ended; 0 between two. */
  long begun() {
    return position;
  }

  long frames() {
    return frames;
  }

  /** As the stream said last. */
  long lost() {
    return lost;
  }
}
