package org.xdp4j.engine.capture;

import java.io.BufferedInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * Reads a capture record by record. {@link #next} moves to the next record, whose parts the
 * accessors then give; the frame's bytes are valid until the next call. Owned by one thread.
 *
 * <pre>{@code
 * try (CaptureReader reader = CaptureReader.open(path)) {
 *   while (reader.next()) {
 *     use(reader.memory(), reader.data(), reader.capturedLength());
 *   }
 * }
 * }</pre>
 */
public abstract sealed class CaptureReader implements AutoCloseable
    permits PcapReader, PcapngReader {
  /** Bytes a record may hold of its frame (MAXIMUM_SNAPLEN of libpcap). */
  public static final int MAX_CAPTURED_LENGTH = 262_144;

  /** The name that stands for standard input. */
  public static final String STDIN = "-";

  /** What messages call standard input. */
  public static final String STDIN_NAME = "standard input";

  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  // A constant handle is faster than a layout until a method is compiled.
  static final VarHandle INT_AT = INT.varHandle();
  static final VarHandle LONG_AT =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

  private static final int GZIP_BUFFER = 1 << 16;
  private static final int GZIP_MAGIC = 0x8b1f;

  final CaptureInput input;

  /** The window; its valid bytes end at {@link #limit}. */
  MemorySegment memory;

  long limit;

  /** Whether numbers of the file (of its current section) are in big-endian order. */
  boolean swapped;

  /** Where the next record starts in the window. */
  long position;

  // The current record.
  long recordAt;
  long data;
  int capturedLength;
  int originalLength;
  long nanos;
  CaptureInterface source;
  int sections = 1;

  CaptureReader(CaptureInput input) {
    this.input = input;
    this.memory = input.memory();
    this.limit = input.limit();
  }

  /**
   * Opens a capture file, compressed with gzip or not; {@value #STDIN} is standard input.
   *
   * @throws CaptureException when it is not a capture
   */
  public static CaptureReader open(Path file) throws IOException {
    return open(file, null);
  }

  /**
   * The same, reading into memory of the caller's.
   *
   * @param window free until the reader is closed; null for memory of the reader's own
   */
  public static CaptureReader open(Path file, CaptureWindow window) throws IOException {
    String name = file.toString();
    if (name.equals(STDIN)) {
      return open(Channels.newInputStream(standardInput()), STDIN_NAME, window);
    }
    if (!Files.exists(file)) {
      throw new NoSuchFileException(name, null, "no such file");
    }
    if (Files.isDirectory(file)) {
      throw new CaptureException(name, 0, "is a directory");
    }
    if (isPlain(file)) {
      return start(CaptureInput.open(name, file, window));
    }
    return open(Files.newInputStream(file), name, window);
  }

  /**
   * Opens a capture that arrives as a stream, compressed with gzip or not. The stream is closed
   * with the reader.
   *
   * @param name what messages call it
   * @throws CaptureException when it is not a capture
   */
  public static CaptureReader open(InputStream stream, String name) throws IOException {
    return open(stream, name, null);
  }

  /** The same, reading into memory of the caller's; null for memory of the reader's own. */
  public static CaptureReader open(InputStream stream, String name, CaptureWindow window)
      throws IOException {
    InputStream plain = stream;
    try {
      BufferedInputStream buffered = new BufferedInputStream(stream, GZIP_BUFFER);
      buffered.mark(2);
      int magic = buffered.read() | buffered.read() << Byte.SIZE;
      buffered.reset();
      plain = magic == GZIP_MAGIC ? new GZIPInputStream(buffered, GZIP_BUFFER) : buffered;
    } catch (IOException e) {
      stream.close();
      throw new CaptureException(name, 0, "not readable as gzip: " + e.getMessage());
    }
    return start(CaptureInput.stream(name, plain, window));
  }

  /** Standard input as a channel: closing it ends a read that another thread waits in. */
  public static ReadableByteChannel standardInput() {
    return new FileInputStream(FileDescriptor.in).getChannel();
  }

  /** Whether what the file holds is the capture itself: a regular one, not compressed. */
  public static boolean isPlain(Path file) throws IOException {
    return !file.toString().equals(STDIN) && Files.isRegularFile(file) && !isGzip(file);
  }

  private static boolean isGzip(Path file) throws IOException {
    try (InputStream stream = Files.newInputStream(file)) {
      return (stream.read() | stream.read() << Byte.SIZE) == GZIP_MAGIC;
    }
  }

  private static CaptureReader start(CaptureInput input) throws CaptureException {
    try {
      long at = input.require(input.start(), Integer.BYTES);
      if (at < 0) {
        long size = input.base() + input.limit();
        throw new CaptureException(
            input.name(),
            size,
            size == 0 ? "is empty" : "is no capture: it ends after " + size + " bytes");
      }
      int magic = input.memory().get(INT, at);
      if (PcapReader.isMagic(magic)) {
        return new PcapReader(input);
      }
      if (magic == PcapngReader.SECTION_HEADER) {
        return new PcapngReader(input);
      }
      throw new CaptureException(
          input.name(),
          0,
          String.format(
              "is no capture: it begins with %08x, which is neither pcap nor pcapng",
              Integer.reverseBytes(magic)));
    } catch (CaptureException | RuntimeException e) {
      input.close();
      throw e;
    }
  }

  /**
   * Moves to the next record.
   *
   * @return false at the end of a whole capture
   * @throws CaptureException where the capture ends badly; no later call returns true
   */
  public abstract boolean next() throws CaptureException;

  /**
   * Moves past several records at once, as many as the batch holds and can be had without moving
   * the window: always one where there is one. The accessors of the current record then mean
   * nothing.
   *
   * @return whether there is any; false at the end of a whole capture
   * @throws CaptureException where the capture ends badly, after everything before that place was
   *     delivered; no later call returns true
   */
  public abstract boolean next(RecordBatch batch) throws CaptureException;

  /**
   * Goes back to the first record, without opening the file again.
   *
   * @return false when that is not possible: a stream is read only once
   */
  public final boolean rewind() throws CaptureException {
    if (!input.isSeekable()) {
      return false;
    }
    restart();
    return true;
  }

  /**
   * Reads into other memory from now on. What was read before stays where it is, for whoever has
   * the window that was used until now.
   *
   * @throws CaptureException when the capture cannot be read any further
   */
  public final void readInto(CaptureWindow window) throws CaptureException {
    position = input.move(position, window);
    memory = input.memory();
    limit = input.limit();
  }

  /** Where the next record starts, for {@link #seek} of another reader of the same file. */
  public final CapturePosition mark() {
    return new CapturePosition(nextPosition(), swapped, sections, interfaces());
  }

  /**
   * Goes on at a place that a reader of the same file marked.
   *
   * @return false when that is not possible: a stream is read only from its start
   * @throws IllegalArgumentException when the file has no such place
   */
  public final boolean seek(CapturePosition to) throws CaptureException {
    if (!input.isSeekable()) {
      return false;
    }
    if (to.offset() < 0 || to.offset() > input.length()) {
      throw new IllegalArgumentException(name() + " has no byte " + to.offset());
    }
    restart();
    resume(to);
    seek(to.offset());
    return true;
  }

  /** Takes over what is known at a place in the middle. */
  abstract void resume(CapturePosition to);

  /** Points at the first record. */
  abstract void restart() throws CaptureException;

  /** Goes on at a byte of the capture. */
  final void seek(long offset) throws CaptureException {
    position = input.seek(offset);
    limit = input.limit();
  }

  /** The format it is in. */
  public abstract CaptureFormat format();

  /** The file's (or current section's) byte order. */
  public final ByteOrder byteOrder() {
    return swapped ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
  }

  /** Comments on the file's current section; always empty for pcap. */
  public abstract List<String> sectionComments();

  /** Sections begun so far; always 1 for pcap. */
  public final int sections() {
    return sections;
  }

  /** Comments on the current record; always empty for pcap. Allocates. */
  public abstract List<String> comments();

  /** The interfaces seen so far in the current section. */
  public abstract List<CaptureInterface> interfaces();

  /** The memory that holds the current frame; may be another one after each {@link #next}. */
  public final MemorySegment memory() {
    return memory;
  }

  /** Where the current frame starts in {@link #memory}. */
  public final long data() {
    return data;
  }

  /** Bytes of the current frame that the capture holds, 0 to {@link #MAX_CAPTURED_LENGTH}. */
  public final int capturedLength() {
    return capturedLength;
  }

  /** Bytes the current frame had on the wire; unsigned, as the file says it. */
  public final int originalLength() {
    return originalLength;
  }

  /** When the current frame was seen: nanoseconds since 1970, 0 when the capture does not say. */
  public final long nanos() {
    return nanos;
  }

  /** The interface the current frame was seen on. */
  public final CaptureInterface source() {
    return source;
  }

  /** The byte of the (uncompressed) capture where the current record starts. */
  public final long recordPosition() {
    return recordAt;
  }

  /** The byte of the (uncompressed) capture where the next record starts: how far reading got. */
  public final long nextPosition() {
    return input.base() + position;
  }

  /** Bytes of the whole capture, or -1 for a stream whose end is not yet seen. */
  public final long length() {
    return input.length();
  }

  /** The name it was opened by. */
  public final String name() {
    return input.name();
  }

  /** Gives the window back; the last frame's bytes are no longer valid. */
  @Override
  public void close() {
    input.close();
  }

  /** Like {@link CaptureInput#require}, keeping the window's copy here up to date. */
  final long require(long at, long bytes) throws CaptureException {
    long moved = input.require(at, bytes);
    memory = input.memory();
    limit = input.limit();
    return moved;
  }

  final int int32(long at) {
    int value = (int) INT_AT.get(memory, at);
    return swapped ? Integer.reverseBytes(value) : value;
  }

  final int u16(long at) {
    short value = memory.get(SHORT, at);
    return Short.toUnsignedInt(swapped ? Short.reverseBytes(value) : value);
  }

  final CaptureException damaged(long at, String reason) {
    long offset = input.base() + at;
    return new CaptureException(name(), offset, "at byte " + offset + ": " + reason);
  }

  /** The capture stops within what starts at {@code start}. */
  final CaptureException cutShort(long start, String what) {
    long begin = input.base() + start;
    long end = input.base() + input.limit();
    return new CaptureException(
        name(),
        end,
        "ends at byte " + end + ", within the " + what + " that begins at byte " + begin);
  }
}
