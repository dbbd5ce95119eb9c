package org.xdp4j.daemon.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.xdp4j.bpf.counterexample.Counterexample;

/** A counterexample as a terminal and as JSON show it. */
final class CounterexampleText {
  private static final int BYTES_A_LINE = 16;
  private static final HexFormat SPACED = HexFormat.ofDelimiter(" ");

  private CounterexampleText() {}

  /** The lines to print behind a refusal; with {@code null} that none was found. */
  static List<String> of(Counterexample found, Style style) {
    if (found == null) {
      return List.of("   " + style.frame("= ") + Counterexample.NONE);
    }
    List<String> lines = new ArrayList<>();
    lines.add(
        "   "
            + style.frame("= ")
            + style.warning("counterexample")
            + ": "
            + "in the checked interpreter, "
            + frame(found)
            + settings(found)
            + " ends in a "
            + found.fault());
    byte[] bytes = found.frame();
    for (int at = 0; at < bytes.length; at += BYTES_A_LINE) {
      int end = Math.min(at + BYTES_A_LINE, bytes.length);
      lines.add("     %04x  %s".formatted(at, SPACED.formatHex(bytes, at, end)));
    }
    for (Counterexample.Entry entry : found.entries()) {
      lines.add(
          "     map "
              + entry.map()
              + " holds "
              + SPACED.formatHex(entry.key())
              + " = "
              + SPACED.formatHex(entry.value()));
    }
    return lines;
  }

  private static String frame(Counterexample found) {
    return found.frame().length == 0
        ? "an empty frame"
        : "this frame of " + Units.counted(found.frame().length, "byte");
  }

  private static String settings(Counterexample found) {
    String queue =
        found.rxQueueIndex() == 0 ? "" : ", rx_queue_index " + unsigned(found.rxQueueIndex());
    return found.ingressIfindex() == 1
        ? queue
        : ", ingress_ifindex " + unsigned(found.ingressIfindex()) + queue;
  }

  private static String unsigned(int number) {
    return Integer.toUnsignedString(number);
  }

  /**
   * Writes the members {@code frame}, {@code ifindex}, {@code rxQueue}, {@code entries}, {@code
   * fault}.
   */
  static void write(JsonGenerator generator, Counterexample found) throws IOException {
    HexFormat hex = HexFormat.of();
    Json.string(generator, "frame", hex.formatHex(found.frame()));
    generator.writeNumberField("ingressIfindex", Integer.toUnsignedLong(found.ingressIfindex()));
    generator.writeNumberField("rxQueueIndex", Integer.toUnsignedLong(found.rxQueueIndex()));
    Json.array(
        generator,
        "entries",
        array -> {
          for (Counterexample.Entry entry : found.entries()) {
            Json.object(
                array,
                g -> {
                  Json.string(g, "map", entry.map());
                  Json.string(g, "key", hex.formatHex(entry.key()));
                  Json.string(g, "value", hex.formatHex(entry.value()));
                });
          }
        });
    Json.string(generator, "fault", found.fault());
  }
}
