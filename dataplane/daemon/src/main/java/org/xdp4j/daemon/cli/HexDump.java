package org.xdp4j.daemon.cli;

import java.io.PrintStream;

/** Bytes as lines of sixteen, offsets in front, as {@code tcpdump -xx} shows frames. */
final class HexDump {
  private static final int BYTES_A_LINE = 16;

  private HexDump() {}

  static void print(PrintStream out, byte[] bytes, String indent) {
    for (int line = 0; line < bytes.length; line += BYTES_A_LINE) {
      StringBuilder text = new StringBuilder("%s%04x:".formatted(indent, line));
      for (int i = line; i < Math.min(bytes.length, line + BYTES_A_LINE); i++) {
        text.append(i % 2 == 0 ? " " : "").append("%02x".formatted(bytes[i]));
      }
      out.println(text);
    }
  }
}
