package org.xdp4j.engine.capture;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Everything a reader delivered, and how it ended. */
record Records(List<Seen> seen, CaptureException problem) {

  /** One record, its frame as text so that records compare. */
  record Seen(long nanos, int interfaceIndex, int originalLength, String frame) {}

  static Records of(byte[] capture) {
    try (CaptureReader reader = CaptureReader.open(new ByteArrayInputStream(capture), "made.cap")) {
      return of(reader);
    } catch (IOException e) {
      return new Records(List.of(), (CaptureException) e);
    }
  }

  static Records of(Path file) {
    try (CaptureReader reader = CaptureReader.open(file)) {
      return of(reader);
    } catch (IOException e) {
      return new Records(List.of(), (CaptureException) e);
    }
  }

  static Records of(CaptureReader reader) {
    List<Seen> seen = new ArrayList<>();
    try {
      while (reader.next()) {
        seen.add(
            new Seen(
                reader.nanos(),
                reader.source().index(),
                reader.originalLength(),
                hex(bytes(reader))));
      }
      return new Records(seen, null);
    } catch (CaptureException e) {
      return new Records(seen, e);
    }
  }

  static Records inBatches(CaptureReader reader, int capacity) {
    List<Seen> seen = new ArrayList<>();
    RecordBatch batch = new RecordBatch(capacity);
    try {
      while (reader.next(batch)) {
        for (int i = 0; i < batch.size; i++) {
          byte[] frame =
              reader
                  .memory()
                  .asSlice(batch.data[i], batch.capturedLength[i])
                  .toArray(ValueLayout.JAVA_BYTE);
          seen.add(
              new Seen(
                  batch.nanos[i], batch.interfaceIndex[i], batch.originalLength[i], hex(frame)));
        }
      }
      return new Records(seen, null);
    } catch (CaptureException e) {
      return new Records(seen, e);
    }
  }

  static byte[] bytes(CaptureReader reader) {
    return reader
        .memory()
        .asSlice(reader.data(), reader.capturedLength())
        .toArray(ValueLayout.JAVA_BYTE);
  }

  static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
