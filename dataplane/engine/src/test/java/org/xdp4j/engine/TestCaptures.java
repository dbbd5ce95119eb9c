package org.xdp4j.engine;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.xdp4j.engine.capture.CaptureFormat;
import org.xdp4j.engine.capture.CaptureReader;
import org.xdp4j.engine.capture.CaptureWriter;

/** Frames and captures for tests. */
final class TestCaptures {
  static final long START = 1_700_000_000_000_000_000L;

  private TestCaptures() {}

  /** A UDP frame of flow {@code flow} that asks for a verdict. */
  static byte[] frame(int length, int flow, int action, int target) {
    ByteBuffer frame = ByteBuffer.allocate(length);
    frame.putLong(0, 0x0200_0000_0001_0200L).putInt(8, 2).putShort(12, (short) 0x0800);
    frame.putInt(14, 0x45000000 | length - 14).putInt(22, 0x40110000);
    frame.putInt(26, 0x0a000000 + flow).putInt(30, 0xc0a80001);
    frame.putShort(34, (short) (1024 + flow)).putShort(36, (short) 53);
    frame.put(ScriptedProgram.ACTION, (byte) action);
    frame.order(ByteOrder.LITTLE_ENDIAN).putInt(ScriptedProgram.TARGET, target);
    return frame.array();
  }

  /** Writes frames a microsecond apart. */
  static Path write(Path file, List<byte[]> frames) throws IOException {
    return write(
        file, frames, LongStream.range(0, frames.size()).mapToObj(i -> START + 1000 * i).toList());
  }

  /** Writes frames of these times. */
  static Path write(Path file, List<byte[]> frames, List<Long> nanos) throws IOException {
    try (Arena arena = Arena.ofConfined();
        CaptureWriter writer =
            CaptureWriter.create(file, CaptureFormat.forName(file), "xdp4j tests")) {
      int id = writer.addInterface("eth7", "");
      MemorySegment memory = arena.allocate(CaptureReader.MAX_CAPTURED_LENGTH);
      for (int i = 0; i < frames.size(); i++) {
        byte[] frame = frames.get(i);
        int length = frame.length;
        MemorySegment.copy(frame, 0, memory, ValueLayout.JAVA_BYTE, 0, length);
        writer.write(id, nanos.get(i), memory, 0, length, length, CaptureWriter.NO_VERDICT);
      }
    }
    return file;
  }

  /** Every frame of a capture, with the name of its interface. */
  static List<Seen> read(Path file) throws IOException {
    List<Seen> seen = new ArrayList<>();
    try (CaptureReader reader = CaptureReader.open(file)) {
      while (reader.next()) {
        byte[] bytes =
            reader
                .memory()
                .asSlice(reader.data(), reader.capturedLength())
                .toArray(ValueLayout.JAVA_BYTE);
        seen.add(new Seen(reader.source().name(), reader.nanos(), bytes));
      }
    }
    return seen;
  }

  /** One frame of a capture. */
  record Seen(String name, long nanos, byte[] bytes) {}
}
