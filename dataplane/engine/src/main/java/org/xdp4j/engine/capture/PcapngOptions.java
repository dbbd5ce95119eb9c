package org.xdp4j.engine.capture;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The options at the end of a pcapng block. Options that overrun the block end the list, as readers
 * commonly do: nothing of the frame depends on them.
 *
 * <pre>
 *  0  code   2  length   4  value, padded to 4 bytes
 * </pre>
 */
final class PcapngOptions {
  static final int END = 0;
  static final int COMMENT = 1;
  static final int INTERFACE_NAME = 2;
  static final int INTERFACE_DESCRIPTION = 3;
  static final int TIMESTAMP_RESOLUTION = 9;
  static final int FCS_LENGTH = 13;
  static final int TIMESTAMP_OFFSET = 14;
  static final int VERDICT = 7;
  static final int USER_APPLICATION = 4;
  static final int HEADER = 4;

  /** Characters of a name that are kept. */
  static final int MAX_NAME = 255;

  /** Comments of a block that are kept. */
  static final int MAX_COMMENTS = 16;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment memory;
  private final long end;
  private final boolean swapped;
  private final long start;

  // The option being looked at.
  private long at;
  private int code;
  private int length;

  PcapngOptions(MemorySegment memory, long start, long end, boolean swapped) {
    this.memory = memory;
    this.start = start;
    this.end = end;
    this.swapped = swapped;
  }

  private void rewind() {
    at = start;
    code = END;
    length = 0;
  }

  private boolean advance() {
    if (at != start || code != END) {
      at += HEADER + ((length + 3L) & ~3L);
    }
    if (end - at < HEADER) {
      return false;
    }
    code = u16(at);
    length = u16(at + 2);
    return code != END && length <= end - at - HEADER;
  }

  /** The comments (opt_comment). */
  List<String> comments() {
    List<String> comments = new ArrayList<>();
    rewind();
    while (advance() && comments.size() < MAX_COMMENTS) {
      if (code == COMMENT) {
        comments.add(text(length));
      }
    }
    return List.copyOf(comments);
  }

  /** What an interface description block says. */
  CaptureInterface toInterface(int index, int linkType, long snapLength) {
    String name = "";
    String description = "";
    TimestampResolution resolution = TimestampResolution.MICRO;
    long offsetSeconds = 0;
    int fcsLength = 0;
    rewind();
    while (advance()) {
      if (code == INTERFACE_NAME) {
        name = text(MAX_NAME);
      } else if (code == INTERFACE_DESCRIPTION) {
        description = text(MAX_NAME);
      } else if (code == TIMESTAMP_RESOLUTION && length >= 1) {
        resolution = TimestampResolution.ofOption(u8(at + HEADER));
      } else if (code == TIMESTAMP_OFFSET && length >= Long.BYTES) {
        offsetSeconds = int64(at + HEADER);
      } else if (code == FCS_LENGTH && length >= 1) {
        fcsLength = u8(at + HEADER);
      }
    }
    return new CaptureInterface(
        index,
        linkType,
        snapLength,
        name,
        description,
        resolution,
        offsetSeconds,
        fcsLength,
        shortened(comments()));
  }

  private static List<String> shortened(List<String> texts) {
    return texts.stream().map(t -> t.length() <= MAX_NAME ? t : t.substring(0, MAX_NAME)).toList();
  }

  private String text(int most) {
    byte[] bytes =
        memory.asSlice(at + HEADER, Math.min(length, most)).toArray(ValueLayout.JAVA_BYTE);
    int size = bytes.length;
    while (size > 0 && bytes[size - 1] == 0) {
      size--;
    }
    return new String(bytes, 0, size, StandardCharsets.UTF_8);
  }

  private int u8(long index) {
    return Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, index));
  }

  private int u16(long index) {
    short value = memory.get(CaptureReader.SHORT, index);
    return Short.toUnsignedInt(swapped ? Short.reverseBytes(value) : value);
  }

  private long int64(long index) {
    long value = memory.get(LONG, index);
    return swapped ? Long.reverseBytes(value) : value;
  }
}
