package org.xdp4j.daemon.cli;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.xdp4j.bpf.counterexample.Counterexample;
import org.xdp4j.engine.capture.CaptureFormat;
import org.xdp4j.engine.capture.CaptureWriter;

/** The frames of counterexamples as a capture, to be replayed. */
final class CounterexampleFile {
  private CounterexampleFile() {}

  /** Writes one frame a counterexample; without any, a capture without frames. */
  static void write(Path file, List<Counterexample> found) throws CliException {
    try (CaptureWriter writer =
        CaptureWriter.create(file, CaptureFormat.forName(file), "xdp4j verify")) {
      int id = writer.addInterface("", "");
      long nanos = 0;
      for (Counterexample c : found) {
        byte[] frame = c.frame();
        MemorySegment memory = MemorySegment.ofArray(frame);
        writer.write(id, nanos++, memory, 0, frame.length, frame.length, CaptureWriter.NO_VERDICT);
      }
    } catch (FileSystemException e) {
      throw CliException.unusable(Sentences.of(file.toString(), "written", e), e);
    } catch (IOException e) {
      throw CliException.unusable(e.getMessage(), e); // says which file, and why
    }
  }

  /** Refuses an output that would overwrite one of the object files. */
  static void check(Path file, List<Path> objects) throws CliException {
    for (Path object : objects) {
      try {
        if (Files.exists(file) && Files.exists(object) && Files.isSameFile(file, object)) {
          throw CliException.unusable(
              file + ": is an object file to be verified, and would be overwritten");
        }
      } catch (IOException e) {
        throw CliException.unusable(Sentences.of(file.toString(), "read", e), e);
      }
    }
  }
}
