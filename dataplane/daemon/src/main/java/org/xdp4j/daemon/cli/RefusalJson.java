package org.xdp4j.daemon.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.xdp4j.bpf.counterexample.Counterexample;
import org.xdp4j.bpf.verifier.PathStep;
import org.xdp4j.bpf.verifier.Refusal;
import org.xdp4j.bpf.verifier.Warning;

/**
 * What JSON says of a refusal besides its reason: {@code cause}, {@code function}, {@code
 * instruction}, {@code registers}, {@code path}, {@code advice} and {@code counterexample}; each
 * null or empty where there is none.
 */
final class RefusalJson {
  private RefusalJson() {}

  /** Writes the members. */
  static void write(JsonGenerator generator, Refusal refusal, Counterexample found)
      throws IOException {
    boolean none = refusal == null;
    Json.string(generator, "cause", none ? null : refusal.cause().id());
    Json.string(generator, "function", none ? null : refusal.function());
    Json.string(generator, "instruction", none ? null : refusal.text());
    Json.array(generator, "registers", g -> registers(g, refusal));
    Json.array(generator, "path", g -> path(g, refusal));
    Json.string(generator, "advice", none ? null : refusal.advice());
    if (found == null) {
      generator.writeNullField("counterexample");
    } else {
      generator.writeObjectFieldStart("counterexample");
      CounterexampleText.write(generator, found);
      generator.writeEndObject();
    }
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
    Json.string(generator, "source", Judgement.source(step.line()));
    Json.string(generator, "text", step.text());
    Json.number(generator, "times", step.times());
    Json.string(generator, "next", Judgement.source(step.next()));
  }

  /** Writes the array {@code warnings}. */
  static void write(JsonGenerator generator, List<Warning> warnings) throws IOException {
    Json.array(
        generator,
        "warnings",
        array -> {
          for (Warning warning : warnings) {
            Json.object(array, g -> warning(g, warning));
          }
        });
  }

  private static void warning(JsonGenerator generator, Warning warning) throws IOException {
    Json.string(generator, "cause", warning.cause().id());
    Json.string(generator, "reason", warning.reason());
    Json.number(generator, "insn", warning.instruction());
    Json.string(generator, "source", Judgement.source(warning.line()));
    Json.string(generator, "advice", warning.advice());
  }
}
