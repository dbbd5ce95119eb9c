package org.xdp4j.engine.filters;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.xdp4j.engine.capture.CaptureReader;

/**
 * One frame of a capture.
 *
 * @param nanos when it was recorded
 */
record CapturedFrame(byte[] data, long nanos) {

  /** All frames of a capture that is small. */
  static List<CapturedFrame> readAll(Path capture) {
    List<CapturedFrame> frames = new ArrayList<>();
    try (CaptureReader reader = CaptureReader.open(capture)) {
      while (reader.next()) {
        byte[] data =
            reader
                .memory()
                .asSlice(reader.data(), reader.capturedLength())
                .toArray(ValueLayout.JAVA_BYTE);
        frames.add(new CapturedFrame(data, reader.nanos()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return frames;
  }
}
