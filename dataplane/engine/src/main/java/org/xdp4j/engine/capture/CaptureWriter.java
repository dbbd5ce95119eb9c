package org.xdp4j.engine.capture;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * Writes a capture. Records are gathered in one buffer and written out when it is full, at {@link
 * #flush} and at {@link #close}; whole records only, so that what is in the file is always a valid
 * capture. Owned by one thread.
 */
public abstract sealed class CaptureWriter implements AutoCloseable
    permits PcapWriter, PcapngWriter {
  /** The verdict of a frame that no program judged. */
  public static final int NO_VERDICT = -1;

  final OutputBuffer out;

  CaptureWriter(OutputBuffer out) {
    this.out = out;
  }

  /**
   * Creates the file, or empties it. Timestamps are kept in nanoseconds.
   *
   * @param application what wrote it, and with which program: a comment on the pcapng section
   */
  public static CaptureWriter create(Path file, CaptureFormat format, String application)
      throws IOException {
    return create(file, format, TimestampResolution.NANO, application);
  }

  /**
   * Creates the file, or empties it.
   *
   * @param resolution {@link TimestampResolution#MICRO} or {@link TimestampResolution#NANO}
   * @param application what wrote it, and with which program: a comment on the pcapng section
   */
  public static CaptureWriter create(
      Path file, CaptureFormat format, TimestampResolution resolution, String application)
      throws IOException {
    if (!resolution.equals(TimestampResolution.MICRO)
        && !resolution.equals(TimestampResolution.NANO)) {
      throw new IllegalArgumentException("captures are not written with " + resolution);
    }
    return on(OutputBuffer.create(file), format, resolution, application);
  }

  /**
   * Opens the file, or creates it; what is in it stays until the first {@link #flush}. Timestamps
   * are kept in nanoseconds.
   *
   * @param application what wrote it, and with which program: a comment on the pcapng section
   */
  public static CaptureWriter open(Path file, CaptureFormat format, String application)
      throws IOException {
    return on(OutputBuffer.open(file), format, TimestampResolution.NANO, application);
  }

  private static CaptureWriter on(
      OutputBuffer out, CaptureFormat format, TimestampResolution resolution, String application)
      throws IOException {
    return format == CaptureFormat.PCAP
        ? new PcapWriter(out, resolution)
        : new PcapngWriter(out, resolution, application);
  }

  /**
   * Describes an interface before the first frame that names it. In pcap, which knows one nameless
   * interface, all become one.
   *
   * @param name {@code if_name}; empty for none
   * @param description {@code if_description}; empty for none
   * @return the number to give to {@link #write}
   */
  public abstract int addInterface(String name, String description) throws IOException;

  /**
   * Writes one Ethernet frame.
   *
   * @param interfaceId what {@link #addInterface} returned
   * @param nanos nanoseconds since 1970
   * @param length bytes of the frame at {@code offset}, at most {@link
   *     CaptureReader#MAX_CAPTURED_LENGTH}
   * @param originalLength bytes it has on the wire
   * @param verdict the XDP return code, or {@link #NO_VERDICT}; not kept in pcap
   */
  public final void write(
      int interfaceId,
      long nanos,
      MemorySegment memory,
      long offset,
      int length,
      int originalLength,
      int verdict)
      throws IOException {
    write(interfaceId, nanos, memory, offset, length, originalLength, verdict, null);
  }

  /** The same with a comment on the frame, which pcap does not keep; null for none. */
  public abstract void write(
      int interfaceId,
      long nanos,
      MemorySegment memory,
      long offset,
      int length,
      int originalLength,
      int verdict,
      String comment)
      throws IOException;

  /** The format being written. */
  public abstract CaptureFormat format();

  /** Bytes written so far, buffered ones included. */
  public final long length() {
    return out.length();
  }

  /** Hands everything written so far to the operating system. */
  public final void flush() throws IOException {
    out.flush();
  }

  /**
   * Closes the file. One that was {@link #open}ed and not written to yet is left as it was, or not
   * there.
   */
  public final void abandon() throws IOException {
    out.abandon();
  }

  /** Flushes and closes the file. */
  @Override
  public final void close() throws IOException {
    out.close();
  }
}
