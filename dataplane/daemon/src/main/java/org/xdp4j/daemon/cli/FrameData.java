package org.xdp4j.daemon.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.xdp4j.bpf.TestRun;

/** The frame that {@code --data} gives: hex digits, or a file. */
final class FrameData {
  private static final Pattern BETWEEN_BYTES = Pattern.compile("[\\s:,-]+|0[xX]");
  private static final Pattern NOT_HEX = Pattern.compile("[^0-9A-Fa-f]");

  /** Enough to tell that a file is no frame without reading all of it. */
  private static final int MOST_BYTES = 1 << 20;

  private FrameData() {}

  /** The frame's bytes, as many as {@code BPF_PROG_TEST_RUN} would take. */
  static byte[] read(String text) throws CliException {
    byte[] frame = text.startsWith("@") ? file(text.substring(1)) : hex(text);
    if (frame.length < TestRun.MIN_FRAME || frame.length > TestRun.MAX_FRAGMENTED) {
      throw CliException.unusable(
          "--data has "
              + Units.counted(frame.length, "byte")
              + ", a frame has "
              + TestRun.MIN_FRAME
              + " to "
              + TestRun.MAX_FRAGMENTED);
    }
    return frame;
  }

  private static byte[] hex(String text) throws CliException {
    String digits = BETWEEN_BYTES.matcher(text).replaceAll("");
    Matcher wrong = NOT_HEX.matcher(digits);
    if (wrong.find()) {
      throw CliException.unusable(
          "--data has '"
              + wrong.group()
              + "' where a hexadecimal digit is needed (a file is given as @FILE)");
    }
    if (digits.length() % 2 != 0) {
      throw CliException.unusable(
          "--data has " + digits.length() + " hexadecimal digits, which is not whole bytes");
    }
    return HexFormat.of().parseHex(digits);
  }

  private static byte[] file(String name) throws CliException {
    try {
      Path path = Path.of(name);
      if (Files.isDirectory(path)) {
        throw CliException.unusable(name + ": this is a directory, not a file with a frame");
      }
      try (InputStream stream = Files.newInputStream(path)) {
        return stream.readNBytes(MOST_BYTES);
      }
    } catch (InvalidPathException e) {
      throw CliException.unusable("'" + name + "' is not a file name", e);
    } catch (IOException e) {
      throw CliException.unusable(Sentences.of(name, "read", e), e);
    }
  }
}
