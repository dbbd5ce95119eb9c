package org.xdp4j.engine.capture;

import static org.xdp4j.engine.capture.CaptureReader.INT;
import static org.xdp4j.engine.capture.CaptureReader.SHORT;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes pcapng, little-endian, one section. Each frame carries its verdict as an {@code
 * epb_verdict} option of type 2, Linux eBPF XDP:
 *
 * <pre>
 *   0  7 (epb_verdict)   2  9 (length)   4  2 (type)   5  return code, 64 bits   13  padding
 *  16  0 (opt_endofopt)  18  0
 * </pre>
 */
final class PcapngWriter extends CaptureWriter {
  private static final int VERDICT_TYPE_XDP = 2;
  private static final int VERDICT_LENGTH = 9;
  private static final int VERDICT_SIZE = 16;
  private static final byte[] NOTHING = {};
  private static final int PACKET_HEADER = PcapngReader.BLOCK_HEADER + PcapngReader.PACKET_BODY;
  private static final int MAX_TEXT = 0xfff0;
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final TimestampResolution resolution;
  private final boolean nano;
  private int interfaces;

  PcapngWriter(OutputBuffer out, TimestampResolution resolution, String application)
      throws IOException {
    super(out);
    this.resolution = resolution;
    this.nano = resolution.equals(TimestampResolution.NANO);
    writeSectionHeader(text(application));
  }

  private void writeSectionHeader(byte[] application) throws IOException {
    int options = optionSize(application) + PcapngOptions.HEADER;
    int length = PcapngReader.BLOCK_OVERHEAD + PcapngReader.SECTION_BODY + options;
    long at = startBlock(PcapngReader.SECTION_HEADER, length);
    out.memory.set(INT, at, PcapngReader.BYTE_ORDER_MAGIC);
    out.memory.set(SHORT, at + 4, (short) 1);
    out.memory.set(SHORT, at + 6, (short) 0);
    out.memory.set(LONG, at + 8, -1); // section length not given: the section ends with the file
    long next = option(at + PcapngReader.SECTION_BODY, PcapngOptions.USER_APPLICATION, application);
    out.memory.set(INT, next, PcapngOptions.END);
  }

  @Override
  public int addInterface(String name, String description) throws IOException {
    byte[] nameBytes = text(name);
    byte[] descriptionBytes = text(description);
    byte[] unit = {(byte) resolution.exponent()};
    int options =
        optionSize(nameBytes)
            + optionSize(descriptionBytes)
            + optionSize(unit)
            + PcapngOptions.HEADER;
    int length = PcapngReader.BLOCK_OVERHEAD + PcapngReader.INTERFACE_BODY + options;
    long at = startBlock(PcapngReader.INTERFACE_DESCRIPTION, length);
    out.memory.set(INT, at, LinkType.ETHERNET);
    out.memory.set(INT, at + 4, CaptureReader.MAX_CAPTURED_LENGTH);
    long next = at + PcapngReader.INTERFACE_BODY;
    next = option(next, PcapngOptions.INTERFACE_NAME, nameBytes);
    next = option(next, PcapngOptions.INTERFACE_DESCRIPTION, descriptionBytes);
    next = option(next, PcapngOptions.TIMESTAMP_RESOLUTION, unit);
    out.memory.set(INT, next, PcapngOptions.END);
    return interfaces++;
  }

  @Override
  public void write(
      int interfaceId,
      long nanos,
      MemorySegment memory,
      long offset,
      int length,
      int originalLength,
      int verdict,
      String comment)
      throws IOException {
    int padded = (length + 3) & ~3;
    byte[] said = comment == null ? NOTHING : text(comment);
    int verdictSize = verdict == NO_VERDICT ? 0 : VERDICT_SIZE;
    int options = optionSize(said) + verdictSize;
    options += options == 0 ? 0 : PcapngOptions.HEADER;
    int total = PACKET_HEADER + padded + options + PcapngReader.BLOCK_TRAILER;
    long at = startBlock(PcapngReader.ENHANCED_PACKET, total);
    MemorySegment to = out.memory;
    long units = nano ? nanos : Math.floorDiv(nanos, 1000);
    to.set(INT, at, interfaceId);
    to.set(INT, at + 4, (int) (units >>> Integer.SIZE));
    to.set(INT, at + 8, (int) units);
    to.set(INT, at + 12, length);
    to.set(INT, at + 16, originalLength);
    long data = at + PcapngReader.PACKET_BODY;
    if (padded > 0) {
      to.set(INT, data + padded - Integer.BYTES, 0);
    }
    MemorySegment.copy(memory, offset, to, data, length);
    if (options > 0) {
      long next = option(data + padded, PcapngOptions.COMMENT, said);
      if (verdictSize > 0) {
        writeVerdict(next, verdict);
      }
      to.set(INT, next + verdictSize, PcapngOptions.END);
    }
  }

  private void writeVerdict(long at, int verdict) {
    MemorySegment to = out.memory;
    to.set(SHORT, at, (short) PcapngOptions.VERDICT);
    to.set(SHORT, at + 2, (short) VERDICT_LENGTH);
    to.set(INT, at + 12, 0);
    to.set(ValueLayout.JAVA_BYTE, at + 4, (byte) VERDICT_TYPE_XDP);
    to.set(LONG, at + 5, Integer.toUnsignedLong(verdict));
  }

  /** Writes a block's type and its two lengths, and returns where its body starts. */
  private long startBlock(int type, int length) throws IOException {
    long at = out.reserve(length);
    out.memory.set(INT, at, type);
    out.memory.set(INT, at + 4, length);
    out.memory.set(INT, at + length - PcapngReader.BLOCK_TRAILER, length);
    return at + PcapngReader.BLOCK_HEADER;
  }

  private long option(long at, int code, byte[] value) {
    if (value.length == 0) {
      return at;
    }
    int padded = (value.length + 3) & ~3;
    long data = at + PcapngOptions.HEADER;
    out.memory.set(SHORT, at, (short) code);
    out.memory.set(SHORT, at + 2, (short) value.length);
    out.memory.set(INT, data + padded - Integer.BYTES, 0);
    MemorySegment.copy(value, 0, out.memory, ValueLayout.JAVA_BYTE, data, value.length);
    return data + padded;
  }

  private static int optionSize(byte[] value) {
    return value.length == 0 ? 0 : PcapngOptions.HEADER + ((value.length + 3) & ~3);
  }

  private static byte[] text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return bytes.length <= MAX_TEXT ? bytes : Arrays.copyOf(bytes, MAX_TEXT);
  }

  @Override
  public CaptureFormat format() {
    return CaptureFormat.PCAPNG;
  }
}
