package org.xdp4j.engine.capture;

import static org.xdp4j.engine.capture.CaptureReader.INT;
import static org.xdp4j.engine.capture.CaptureReader.SHORT;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Writes pcap, little-endian. {@link PcapReader} draws the layout. */
final class PcapWriter extends CaptureWriter {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final int nanosPerUnit;

  PcapWriter(OutputBuffer out, TimestampResolution resolution) throws IOException {
    super(out);
    boolean nano = resolution.equals(TimestampResolution.NANO);
    nanosPerUnit = nano ? 1 : 1000;
    long at = out.reserve(PcapReader.FILE_HEADER);
    out.memory.set(INT, at, nano ? PcapReader.MAGIC_NANO : PcapReader.MAGIC_MICRO);
    out.memory.set(SHORT, at + 4, (short) PcapReader.MAJOR);
    out.memory.set(SHORT, at + 6, (short) PcapReader.MINOR);
    out.memory.set(INT, at + 8, 0);
    out.memory.set(INT, at + 12, 0);
    out.memory.set(INT, at + 16, CaptureReader.MAX_CAPTURED_LENGTH);
    out.memory.set(INT, at + 20, LinkType.ETHERNET);
  }

  @Override
  public int addInterface(String name, String description) {
    return 0;
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
    long at = out.reserve(PcapReader.RECORD_HEADER + length);
    MemorySegment to = out.memory;
    to.set(INT, at, (int) Math.floorDiv(nanos, NANOS_PER_SECOND));
    to.set(INT, at + 4, (int) Math.floorMod(nanos, NANOS_PER_SECOND) / nanosPerUnit);
    to.set(INT, at + 8, length);
    to.set(INT, at + 12, originalLength);
    MemorySegment.copy(memory, offset, to, at + PcapReader.RECORD_HEADER, length);
  }

  @Override
  public CaptureFormat format() {
    return CaptureFormat.PCAP;
  }
}
