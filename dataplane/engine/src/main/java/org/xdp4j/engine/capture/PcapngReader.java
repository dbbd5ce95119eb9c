package org.xdp4j.engine.capture;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Reads pcapng (draft-ietf-opsawg-pcapng): sections in either byte order, any number of interfaces,
 * frames from enhanced, simple and (obsolete) packet blocks. Blocks of other types are passed over.
 *
 * <pre>
 *  every block               enhanced packet (6)       packet (2, obsolete)     simple packet (3)
 *   0  type                   8  interface              8  interface, drops      8  original length
 *   4  length                12  time, high 32 bits    12  time, high           12  the frame
 *   8  body                  16  time, low             16  time, low
 *      options               20  captured length       20  captured length
 *  -4  length again          24  original length       24  original length
 *                            28  the frame, options    28  the frame, options
 * </pre>
 */
final class PcapngReader extends CaptureReader {
  static final int SECTION_HEADER = 0x0a0d0d0a;
  static final int INTERFACE_DESCRIPTION = 1;
  static final int PACKET = 2;
  static final int SIMPLE_PACKET = 3;
  static final int ENHANCED_PACKET = 6;
  static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;

  static final int BLOCK_HEADER = 8;
  static final int BLOCK_TRAILER = 4;
  static final int BLOCK_OVERHEAD = BLOCK_HEADER + BLOCK_TRAILER;
  static final int SECTION_BODY = 16;
  static final int INTERFACE_BODY = 8;
  static final int PACKET_BODY = 20;

  /** Bytes a section header, interface or packet block may have; others may be any size. */
  static final int MAX_BLOCK = CaptureInput.MAX_WINDOW;

  /** Interfaces a section may have. */
  static final int MAX_INTERFACES = 4096;

  private static final int NOT_KNOWN = 0;

  private final List<CaptureInterface> interfaces = new ArrayList<>();
  private final List<CaptureInterface> view = Collections.unmodifiableList(interfaces);
  private List<String> sectionComments = List.of();
  private long optionsAt;

  /** What ended the last batch, for the call after it. */
  private CaptureException deferred;

  private long optionsEnd;

  PcapngReader(CaptureInput input) throws CaptureException {
    super(input);
    readSectionHeader(input.start());
    sections = 1;
  }

  @Override
  public boolean next() throws CaptureException {
    while (true) {
      long at = position;
      if (limit - at < BLOCK_HEADER) {
        at = require(at, BLOCK_HEADER);
        if (at < 0) {
          return ended(~at);
        }
      }
      if (readBlock(at)) {
        return true;
      }
    }
  }

  /** Reads one block and says whether it held a frame. */
  private boolean readBlock(long at) throws CaptureException {
    int type = int32(at);
    if (type == ENHANCED_PACKET || type == PACKET) {
      readPacket(at, type);
      return true;
    }
    if (type == SIMPLE_PACKET) {
      readSimplePacket(at);
      return true;
    }
    if (type == SECTION_HEADER) {
      readSectionHeader(at);
    } else if (type == INTERFACE_DESCRIPTION) {
      readInterface(at);
    } else {
      passOver(at);
    }
    return false;
  }

  /** The next frame, if it can be had without moving the window. */
  private boolean nextInWindow() throws CaptureException {
    while (limit - position >= BLOCK_HEADER
        && Integer.toUnsignedLong(int32(position + 4)) <= limit - position) {
      if (readBlock(position)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean next(RecordBatch batch) throws CaptureException {
    batch.size = 0;
    if (deferred != null) {
      CaptureException problem = deferred;
      deferred = null;
      throw problem;
    }
    if (!next()) {
      return false;
    }
    int most = batch.capacity();
    try {
      do {
        add(batch);
      } while (batch.size < most && nextInWindow());
    } catch (CaptureException e) {
      deferred = e;
    }
    return true;
  }

  private void add(RecordBatch batch) {
    int i = batch.size;
    batch.data[i] = data;
    batch.capturedLength[i] = capturedLength;
    batch.originalLength[i] = originalLength;
    batch.nanos[i] = nanos;
    batch.interfaceIndex[i] = source.index();
    batch.linkType[i] = source.linkType();
    batch.size = i + 1;
  }

  @Override
  void restart() throws CaptureException {
    deferred = null;
    seek(0);
    sections = 0;
    interfaces.clear();
  }

  @Override
  void resume(CapturePosition to) {
    swapped = to.swapped();
    sections = to.sections();
    interfaces.addAll(to.interfaces());
  }

  private boolean ended(long at) throws CaptureException {
    position = at;
    if (at < limit) {
      throw cutShort(at, "block header");
    }
    return false;
  }

  private void readPacket(long start, int type) throws CaptureException {
    long at = whole(start, PACKET_BODY, "packet block");
    int index = type == ENHANCED_PACKET ? int32(at + BLOCK_HEADER) : u16(at + BLOCK_HEADER);
    int length = int32(at + 20);
    long end = at + Integer.toUnsignedLong(int32(at + 4)) - BLOCK_TRAILER;
    long room = end - at - BLOCK_HEADER - PACKET_BODY;
    checkLength(at, length, room);
    source = interfaceAt(at, index);
    nanos =
        source
            .resolution()
            .toNanos(
                (long) int32(at + 12) << Integer.SIZE | Integer.toUnsignedLong(int32(at + 16)),
                source.offsetSeconds());
    originalLength = int32(at + 24);
    finish(at, at + BLOCK_HEADER + PACKET_BODY, length, end);
    optionsAt = data + aligned(length);
    optionsEnd = end;
  }

  private void readSimplePacket(long start) throws CaptureException {
    long at = whole(start, Integer.BYTES, "simple packet block");
    source = interfaceAt(at, 0);
    long end = at + Integer.toUnsignedLong(int32(at + 4)) - BLOCK_TRAILER;
    long room = end - at - BLOCK_HEADER - Integer.BYTES;
    originalLength = int32(at + BLOCK_HEADER);
    long length = Math.min(Integer.toUnsignedLong(originalLength), room);
    if (source.snapLength() != 0) {
      length = Math.min(length, source.snapLength());
    }
    checkLength(at, (int) length, room);
    nanos = NOT_KNOWN;
    finish(at, at + BLOCK_HEADER + Integer.BYTES, (int) length, end);
    optionsAt = end;
    optionsEnd = end;
  }

  private void finish(long at, long dataAt, int length, long end) {
    recordAt = input.base() + at;
    data = dataAt;
    capturedLength = length;
    position = end + BLOCK_TRAILER;
  }

  private void checkLength(long at, int length, long room) throws CaptureException {
    boolean beyond = Integer.compareUnsigned(length, MAX_CAPTURED_LENGTH) > 0;
    if (beyond || length > room) {
      position = at;
      throw damaged(
          at,
          "the packet block claims to hold "
              + Integer.toUnsignedString(length)
              + " bytes of a frame, more than "
              + (beyond
                  ? "the " + MAX_CAPTURED_LENGTH + " a record may hold"
                  : "the " + room + " there is room for in it"));
    }
  }

  private CaptureInterface interfaceAt(long at, int index) throws CaptureException {
    if (index < 0 || index >= interfaces.size()) {
      position = at;
      throw damaged(
          at,
          "the packet block names interface "
              + Integer.toUnsignedString(index)
              + ", but the section has described only "
              + interfaces.size());
    }
    return interfaces.get(index);
  }

  private void readSectionHeader(long start) throws CaptureException {
    long at = require(start, BLOCK_HEADER + Integer.BYTES);
    if (at < 0) {
      position = ~at;
      throw cutShort(~at, "section header");
    }
    int order = memory.get(INT, at + BLOCK_HEADER);
    if (order != BYTE_ORDER_MAGIC && Integer.reverseBytes(order) != BYTE_ORDER_MAGIC) {
      position = at;
      throw damaged(
          at, String.format("the section header has the unknown byte-order magic %08x", order));
    }
    swapped = order != BYTE_ORDER_MAGIC;
    at = whole(at, SECTION_BODY, "section header");
    int major = u16(at + 12);
    if (major != 1) {
      position = at;
      throw damaged(at, "pcapng version " + major + "." + u16(at + 14) + " is not known, only 1.0");
    }
    long end = at + Integer.toUnsignedLong(int32(at + 4)) - BLOCK_TRAILER;
    sections++;
    interfaces.clear();
    sectionComments = options(at + BLOCK_HEADER + SECTION_BODY, end).comments();
    position = end + BLOCK_TRAILER;
  }

  private void readInterface(long start) throws CaptureException {
    long at = whole(start, INTERFACE_BODY, "interface description");
    if (interfaces.size() == MAX_INTERFACES) {
      position = at;
      throw damaged(at, "the section describes more than " + MAX_INTERFACES + " interfaces");
    }
    long end = at + Integer.toUnsignedLong(int32(at + 4)) - BLOCK_TRAILER;
    PcapngOptions options = options(at + BLOCK_HEADER + INTERFACE_BODY, end);
    interfaces.add(
        options.toInterface(
            interfaces.size(), u16(at + 8), Integer.toUnsignedLong(int32(at + 12))));
    position = end + BLOCK_TRAILER;
  }

  private void passOver(long at) throws CaptureException {
    long length = blockLength(at, 0, "block");
    long start = input.base() + at;
    long trailer = input.skip(at, length - BLOCK_TRAILER);
    if (trailer >= 0) {
      trailer = require(trailer, BLOCK_TRAILER);
    }
    memory = input.memory();
    limit = input.limit();
    if (trailer < 0) {
      position = limit;
      throw cutShort(start - input.base(), "block");
    }
    checkTrailer(start, trailer, length);
    position = trailer + BLOCK_TRAILER;
  }

  /** Makes the block at {@code start} available whole and checks its two lengths. */
  private long whole(long start, int body, String what) throws CaptureException {
    long length = blockLength(start, body, what);
    long at = start;
    if (length > MAX_BLOCK) {
      position = at;
      throw damaged(at, "the " + what + " claims " + length + " bytes, more than " + MAX_BLOCK);
    }
    if (limit - at < length) {
      at = require(at, length);
      if (at < 0) {
        position = ~at;
        throw cutShort(~at, what);
      }
    }
    checkTrailer(input.base() + at, at + length - BLOCK_TRAILER, length);
    return at;
  }

  private long blockLength(long at, int body, String what) throws CaptureException {
    long length = Integer.toUnsignedLong(int32(at + 4));
    if (length < BLOCK_OVERHEAD + body || (length & 3) != 0) {
      position = at;
      throw damaged(at, "the " + what + " has the impossible length " + length);
    }
    return length;
  }

  private void checkTrailer(long start, long trailer, long length) throws CaptureException {
    long again = Integer.toUnsignedLong(int32(trailer));
    if (again != length) {
      position = start - input.base();
      throw damaged(
          position,
          "the block has the length " + length + " in front but " + again + " at its end");
    }
  }

  private PcapngOptions options(long at, long end) {
    return new PcapngOptions(memory, at, end, swapped);
  }

  private static long aligned(int length) {
    return (length + 3L) & ~3L;
  }

  @Override
  public CaptureFormat format() {
    return CaptureFormat.PCAPNG;
  }

  @Override
  public List<String> sectionComments() {
    return sectionComments;
  }

  @Override
  public List<String> comments() {
    return options(optionsAt, optionsEnd).comments();
  }

  @Override
  public List<CaptureInterface> interfaces() {
    return view;
  }
}
