package org.xdp4j.engine.capture;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * Reads pcap (draft-ietf-opsawg-pcap) in either byte order, with micro- or nanoseconds.
 *
 * <pre>
 *  file header, 24 bytes                        record header, 16 bytes
 *   0  magic                                     0  seconds
 *   4  major version   6  minor version          4  micro- or nanoseconds
 *   8  reserved       12  reserved               8  captured length
 *  16  snap length                              12  original length
 *  20  FCS length (4 bits) .. link type (16)    16  the frame
 * </pre>
 */
final class PcapReader extends CaptureReader {
  static final int MAGIC_MICRO = 0xa1b2c3d4;
  static final int MAGIC_NANO = 0xa1b23c4d;
  static final int FILE_HEADER = 24;
  static final int RECORD_HEADER = 16;
  static final int MAJOR = 2;
  static final int MINOR = 4;

  private static final int FCS_PRESENT = 1 << 26;
  private static final int FCS_SHIFT = 28;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final int nanosPerUnit;
  private final List<CaptureInterface> interfaces;

  PcapReader(CaptureInput input) throws CaptureException {
    super(input);
    long at = require(input.start(), FILE_HEADER);
    if (at < 0) {
      throw cutShort(~at, "file header");
    }
    int magic = memory.get(INT, at);
    swapped = magic != MAGIC_MICRO && magic != MAGIC_NANO;
    boolean nano = (swapped ? Integer.reverseBytes(magic) : magic) == MAGIC_NANO;
    nanosPerUnit = nano ? 1 : 1000;
    int major = u16(at + 4);
    int minor = u16(at + 6);
    if (major != MAJOR || minor != MINOR) {
      throw damaged(at + 4, "pcap version " + major + "." + minor + ", but only 2.4 is in use");
    }
    int network = int32(at + 20);
    source =
        new CaptureInterface(
            0,
            network & 0xffff,
            Integer.toUnsignedLong(int32(at + 16)),
            "",
            "",
            nano ? TimestampResolution.NANO : TimestampResolution.MICRO,
            0,
            (network & FCS_PRESENT) == 0 ? 0 : (network >>> FCS_SHIFT) * 2,
            List.of());
    interfaces = List.of(source);
    position = at + FILE_HEADER;
  }

  static boolean isMagic(int magic) {
    int reversed = Integer.reverseBytes(magic);
    return magic == MAGIC_MICRO
        || magic == MAGIC_NANO
        || reversed == MAGIC_MICRO
        || reversed == MAGIC_NANO;
  }

  @Override
  public boolean next() throws CaptureException {
    long at = position;
    if (limit - at < RECORD_HEADER) {
      at = require(at, RECORD_HEADER);
      if (at < 0) {
        return ended(~at);
      }
    }
    int length = int32(at + 8);
    if (Integer.compareUnsigned(length, MAX_CAPTURED_LENGTH) > 0) {
      position = at;
      throw tooLong(at, length);
    }
    if (limit - at - RECORD_HEADER < length) {
      at = require(at, RECORD_HEADER + length);
      if (at < 0) {
        position = ~at;
        throw cutShort(~at, "record");
      }
    }
    recordAt = input.base() + at;
    nanos = nanos(pair(memory, at));
    capturedLength = length;
    originalLength = int32(at + 12);
    data = at + RECORD_HEADER;
    position = data + length;
    return true;
  }

  /** The whole records that lie in the window already; the general way does what is left. */
  @Override
  public boolean next(RecordBatch batch) throws CaptureException {
    MemorySegment window = memory;
    int most = batch.capacity();
    int count = 0;
    long at = position;
    long last = limit - RECORD_HEADER;
    while (count < most && at <= last) {
      long lengths = pair(window, at + 8);
      int length = (int) lengths;
      if (Integer.compareUnsigned(length, MAX_CAPTURED_LENGTH) > 0 || last - at < length) {
        break;
      }
      batch.capturedLength[count] = length;
      batch.originalLength[count] = (int) (lengths >>> Integer.SIZE);
      batch.nanos[count] = nanos(pair(window, at));
      at += RECORD_HEADER;
      batch.data[count] = at;
      at += length;
      count++;
    }
    if (count == 0) {
      return oneByOne(batch);
    }
    position = at;
    return sized(batch, count);
  }

  private boolean oneByOne(RecordBatch batch) throws CaptureException {
    batch.size = 0;
    if (!next()) {
      return false;
    }
    batch.capturedLength[0] = capturedLength;
    batch.originalLength[0] = originalLength;
    batch.nanos[0] = nanos;
    batch.data[0] = data;
    return sized(batch, 1);
  }

  private boolean sized(RecordBatch batch, int count) {
    Arrays.fill(batch.interfaceIndex, 0, count, 0);
    Arrays.fill(batch.linkType, 0, count, source.linkType());
    batch.size = count;
    return true;
  }

  /** Two 32-bit numbers one after the other, the first in the low half. */
  private long pair(MemorySegment window, long at) {
    long value = (long) LONG_AT.get(window, at);
    return swapped ? Long.rotateLeft(Long.reverseBytes(value), Integer.SIZE) : value;
  }

  private long nanos(long time) {
    return (time & 0xffffffffL) * NANOS_PER_SECOND + (time >>> Integer.SIZE) * nanosPerUnit;
  }

  @Override
  void restart() throws CaptureException {
    seek(FILE_HEADER);
  }

  @Override
  void resume(CapturePosition to) {
    // The file header, which every reader reads, holds all there is to know.
  }

  private boolean ended(long at) throws CaptureException {
    position = at;
    if (at < limit) {
      throw cutShort(at, "record header");
    }
    return false;
  }

  private CaptureException tooLong(long at, int length) {
    return damaged(
        at,
        "the record claims to hold "
            + Integer.toUnsignedString(length)
            + " bytes, more than the "
            + MAX_CAPTURED_LENGTH
            + " a record may hold");
  }

  @Override
  public CaptureFormat format() {
    return CaptureFormat.PCAP;
  }

  @Override
  public List<String> sectionComments() {
    return List.of();
  }

  @Override
  public List<String> comments() {
    return List.of();
  }

  @Override
  public List<CaptureInterface> interfaces() {
    return interfaces;
  }
}
