package org.xdp4j.daemon.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.Locale;
import org.xdp4j.bpf.object.LineInfo;
import org.xdp4j.bpf.verifier.PathStep;
import org.xdp4j.bpf.verifier.Refusal;

/**
 * What JSON says of a refusal besides its reason: {@code cause}, {@code function}, {@code
 * instruction}, {@code registers}, {@code path} and {@code advice}; each null or empty where there
 * is none.
 */
final class RefusalJson {
  private RefusalJson() {}

  /** Writes the members. */
  static void write(JsonGenerator generator, Refusal refusal) throws IOException {
    boolean none = refusal == null;
    Json.string(generator, "cause", none ? null : refusal.cause().id());
    Json.string(generator, "function", none ? null : refusal.function());
    Json.string(generator, "instruction", none ? null : refusal.text());
    Json.array(generator, "registers", g -> registers(g, refusal));
    Json.array(generator, "path", g -> path(g, refusal));
    Json.string(generator, "advice", none ? null : refusal.advice());
  }

  private static void registers(JsonGenerator generator, Refusal refusal) throws IOException {
    if (refusal == null) {
      return;
    }
    for (Refusal.Value value : refusal.values()) {
      Json.object(
          generator,
          g -> {
            Json.string(g, "register", "r" + value.register());
            Json.string(g, "holds", value.description());
          });
    }
  }

  private static void path(JsonGenerator generator, Refusal refusal) throws IOException {
    if (refusal == null) {
      return;
    }
    for (PathStep step : refusal.path()) {
      Json.object(generator, g -> step(g, step));
    }
  }

  private static void step(JsonGenerator generator, PathStep step) throws IOException {
    Json.string(generator, "kind", step.kind().name().toLowerCase(Locale.ROOT));
    Json.number(generator, "insn", step.instruction() < 0 ? null : step.instruction());
    Json.string(generator, "source", source(step.line()));
    Json.string(generator, "text", step.text());
    Json.number(generator, "times", step.times());
    Json.string(generator, "next", source(step.next()));
  }

  private static String source(LineInfo line) {
    return line == null ? null : line.location() + ": " + line.text();
  }
}
