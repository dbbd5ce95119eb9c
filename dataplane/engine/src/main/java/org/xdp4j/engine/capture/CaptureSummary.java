package org.xdp4j.engine.capture;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a capture holds, found by reading it once.
 *
 * @param name the file
 * @param format pcap or pcapng
 * @param byteOrder of the first section
 * @param sections sections of a pcapng file; 1 for pcap
 * @param interfaces each interface that carried frames, with its counts, in order of first frame
 * @param frames whole records
 * @param capturedBytes bytes the file holds of them
 * @param originalBytes bytes they had on the wire
 * @param largest captured bytes of the largest
 * @param firstNanos the earliest timestamp, nanoseconds since 1970; 0 without frames
 * @param lastNanos the latest timestamp
 * @param inOrder whether no frame is older than the one before it
 * @param comments comments of sections and frames, the first {@value #MAX_COMMENTS}
 * @param problem how the capture ends badly, or null
 */
public record CaptureSummary(
    String name,
    CaptureFormat format,
    ByteOrder byteOrder,
    int sections,
    List<InterfaceCount> interfaces,
    long frames,
    long capturedBytes,
    long originalBytes,
    int largest,
    long firstNanos,
    long lastNanos,
    boolean inOrder,
    List<String> comments,
    CaptureException problem) {

  /** Comments that are kept. */
  public static final int MAX_COMMENTS = 100;

  /** Interfaces that are told apart; frames of further ones count for the last. */
  private static final int MAX_INTERFACES = 10_000;

  /**
   * Frames of one interface.
   *
   * @param source the interface
   * @param frames whole records on it
   * @param bytes captured bytes of them
   */
  public record InterfaceCount(CaptureInterface source, long frames, long bytes) {}

  /**
   * Reads the capture.
   *
   * @throws CaptureException when it is not a capture
   */
  public static CaptureSummary of(Path file) throws IOException {
    try (CaptureReader reader = CaptureReader.open(file)) {
      return of(reader);
    }
  }

  /** Reads what is left of an opened capture. */
  public static CaptureSummary of(CaptureReader reader) {
    return new Scan(reader).run();
  }

  private static final class Scan {
    private final CaptureReader reader;
    private final Map<CaptureInterface, long[]> counts = new LinkedHashMap<>();
    private final List<String> comments = new ArrayList<>();
    private final ByteOrder order;
    private CaptureInterface source;
    private long[] count = new long[2];
    private int sections;
    private long frames;
    private long capturedBytes;
    private long originalBytes;
    private int largest;
    private long first;
    private long last;
    private long previous;
    private boolean inOrder = true;

    Scan(CaptureReader reader) {
      this.reader = reader;
      this.order = reader.byteOrder();
    }

    CaptureSummary run() {
      CaptureException problem = null;
      try {
        while (reader.next()) {
          add();
        }
      } catch (CaptureException e) {
        problem = e;
      }
      return new CaptureSummary(
          reader.name(),
          reader.format(),
          order,
          reader.sections(),
          counts.entrySet().stream()
              .map(e -> new InterfaceCount(e.getKey(), e.getValue()[0], e.getValue()[1]))
              .toList(),
          frames,
          capturedBytes,
          originalBytes,
          largest,
          first,
          last,
          inOrder,
          List.copyOf(comments),
          problem);
    }

    private void add() {
      if (reader.sections() != sections) {
        sections = reader.sections();
        keep(reader.sectionComments());
      }
      if (reader.source() != source) {
        source = reader.source();
        if (counts.size() < MAX_INTERFACES || counts.containsKey(source)) {
          count = counts.computeIfAbsent(source, s -> new long[2]);
        }
      }
      long nanos = reader.nanos();
      count[0]++;
      count[1] += reader.capturedLength();
      capturedBytes += reader.capturedLength();
      originalBytes += Integer.toUnsignedLong(reader.originalLength());
      largest = Math.max(largest, reader.capturedLength());
      first = frames == 0 ? nanos : Math.min(first, nanos);
      last = frames == 0 ? nanos : Math.max(last, nanos);
      inOrder &= frames == 0 || nanos >= previous;
      previous = nanos;
      frames++;
      if (comments.size() < MAX_COMMENTS) {
        keep(reader.comments());
      }
    }

    private void keep(List<String> more) {
      for (String comment : more) {
        if (comments.size() < MAX_COMMENTS) {
          comments.add(comment);
        }
      }
    }
  }
}
