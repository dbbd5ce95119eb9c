package org.xdp4j.engine.port.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.xdp4j.engine.frame.Frame;
import org.xdp4j.engine.port.HeaderOffload;

/**
 * What a device is to finish for a frame, before the frame's first byte (linux/virtio_net.h, in the
 * machine's byte order):
 *
 * <pre>
 *   0 flags   1 gso_type   2 hdr_len   4 gso_size   6 csum_start   8 csum_offset
 * </pre>
 */
final class VirtioHeader {
  static final int SIZE = 10;

  private static final int UDP_HEADER = 8;
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final ValueLayout.OfShort NATIVE = ValueLayout.JAVA_SHORT_UNALIGNED;

  private VirtioHeader() {}

  /**
   * Takes what the header at {@code data - SIZE} says over into the frame.
   *
   * @return whether it makes sense: all it points at is inside of the frame
   */
  static boolean read(MemorySegment memory, Frame frame) {
    long at = frame.data - SIZE;
    int flags = memory.get(BYTE, at);
    int type = memory.get(BYTE, at + 1) & 0xff;
    frame.offloadFlags = flags;
    frame.gsoType = type;
    if ((flags & Frame.NEEDS_CSUM) == 0) {
      return type == 0;
    }
    frame.checksumPartial = true;
    frame.checksumStart = frame.data + unsigned(memory, at + 6);
    frame.checksumOffset = unsigned(memory, at + 8);
    return frame.checksumStart + frame.checksumOffset + 2 <= frame.dataEnd
        && (type == 0 || readSegments(memory, frame, unsigned(memory, at + 4)));
  }

  /** hdr_len is what lay in one piece in the kernel's buffer: the headers tell better. */
  private static boolean readSegments(MemorySegment memory, Frame frame, int size) {
    frame.gsoSize = size;
    long transport = frame.checksumStart;
    if (size == 0 || transport + UDP_HEADER > frame.dataEnd) {
      return false;
    }
    if ((frame.gsoType & ~HeaderOffload.GSO_ECN) == HeaderOffload.GSO_UDP_L4) {
      frame.headersEnd = transport + UDP_HEADER;
    } else {
      if (transport + 20 > frame.dataEnd) {
        return false;
      }
      frame.headersEnd = transport + (memory.get(BYTE, transport + 12) >> 4 & 0xf) * 4L;
    }
    frame.segmentTo =
        size + (int) (frame.headersEnd - frame.data) - HeaderOffload.link(memory, frame);
    return frame.headersEnd <= frame.dataEnd;
  }

  /** Writes the header of a frame before its first byte, where there is room for it. */
  private static void write(MemorySegment memory, Frame frame) {
    long at = frame.data - SIZE;
    if (!frame.confirmOffload(memory)) {
      memory.set(ValueLayout.JAVA_LONG_UNALIGNED, at, 0);
      memory.set(NATIVE, at + 8, (short) 0);
      return;
    }
    HeaderOffload.find(memory, frame);
    int type = frame.segmentTo == 0 ? 0 : frame.gsoType;
    memory.set(BYTE, at, (byte) Frame.NEEDS_CSUM);
    memory.set(BYTE, at + 1, (byte) type);
    memory.set(NATIVE, at + 2, (short) (type == 0 ? 0 : frame.headersEnd - frame.data));
    memory.set(NATIVE, at + 4, (short) (type == 0 ? 0 : frame.gsoSize));
    memory.set(NATIVE, at + 6, (short) (frame.checksumStart - frame.data));
    memory.set(NATIVE, at + 8, (short) frame.checksumOffset);
  }

  /**
   * Writes the header of a frame before its first byte. When a program left no room there, the
   * frame moves back.
   *
   * @return whether there was room on either side
   */
  static boolean writeBefore(MemorySegment memory, Frame frame) {
    if (frame.headroom() < SIZE) {
      if (frame.tailroom() < SIZE) {
        return false;
      }
      MemorySegment.copy(memory, frame.data, memory, frame.data + SIZE, frame.length());
      frame.data += SIZE;
      frame.dataEnd += SIZE;
      frame.checksumStart += SIZE;
      frame.headersEnd += SIZE;
      frame.presumedIp += SIZE;
    }
    write(memory, frame);
    return true;
  }

  private static int unsigned(MemorySegment memory, long at) {
    return memory.get(NATIVE, at) & 0xffff;
  }
}
