package org.xdp4j.daemon.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.xdp4j.bpf.LoadedObject;
import org.xdp4j.bpf.XdpAction;
import org.xdp4j.engine.ReplayOptions;
import org.xdp4j.engine.ReplayResult;
import org.xdp4j.engine.account.Books;
import org.xdp4j.engine.account.Counter;
import org.xdp4j.engine.account.DropReason;

/** Tells what a replay did: as tables for people, or as one line of JSON. */
final class ReplayReport {
  /** The code above the last action, standing for all that are none. */
  private static final int UNKNOWN = XdpAction.values().length;

  /** Programs that ran for less than this have hardly been compiled. */
  private static final long WARM_NANOS = 1_000_000_000;

  private final Console console;
  private final RunningPrograms programs;
  private final ReplayOptions options;
  private final ReplayResult result;
  private final EventLog events;

  ReplayReport(
      Console console,
      RunningPrograms programs,
      ReplayOptions options,
      ReplayResult result,
      EventLog events) {
    this.console = console;
    this.programs = programs;
    this.options = options;
    this.result = result;
    this.events = events;
  }

  void print() {
    PrintStream out = console.out();
    printPrograms(out);
    out.println();
    summary().print(out, "  ");
    out.println();
    actions().print(out, "  ");
    out.println();
    out.println("  " + balance());
    printTargets(out);
    printMaps(out);
  }

  private void printPrograms(PrintStream out) {
    List<LoadedObject> objects = programs.objects();
    if (programs.chain() == null) {
      String file = objects.getFirst().object().file();
      out.println("program " + programs.program().name() + " of " + file);
    } else {
      out.println("chain of " + programs.chain().members().size() + " programs");
    }
    for (Replacement each : programs.replacements()) {
      out.println(
          "function %s of %s is %s of %s"
              .formatted(each.function(), each.target(), each.program(), each.file()));
    }
    if (programs.chain() != null) {
      out.println();
      new ChainReport(programs.chain()).print(out);
    }
  }

  private TextTable summary() {
    TextTable table = new TextTable("ll");
    table.row("frames", Units.count(result.frames()));
    table.row("bytes", Units.count(result.bytes()));
    table.row("workers", workers());
    table.row("took", Units.duration(result.nanos()));
    if (result.frames() > 0) {
      table.row("speed", speed());
    }
    return table;
  }

  private String workers() {
    if (options.workers() == 1) {
      return "1";
    }
    List<String> shares = new ArrayList<>();
    result.workers().forEach(frames -> shares.add(Units.count(frames)));
    String pinned = result.pinned() ? ", each bound to a CPU" : "";
    return options.workers() + pinned + ", frames " + String.join(" + ", shares);
  }

  private String speed() {
    return Units.figure(nanosPerFrame())
        + " ns a frame, "
        + Units.figure(megaFrames())
        + " Mpps, "
        + Units.figure(gigabits())
        + " Gbit/s"
        + (result.nanos() < WARM_NANOS ? " (the JVM is still warming up)" : "");
  }

  private double nanosPerFrame() {
    return result.frames() == 0 ? 0 : (double) result.nanos() / result.frames();
  }

  private double megaFrames() {
    return result.nanos() == 0 ? 0 : result.frames() * 1e3 / result.nanos();
  }

  private double gigabits() {
    return result.nanos() == 0 ? 0 : result.bytes() * 8.0 / result.nanos();
  }

  private TextTable actions() {
    TextTable table = new TextTable("lrr").row("action", "frames", "share");
    for (int code = 0; code <= UNKNOWN; code++) {
      long frames = result.verdicts(code);
      if (code < UNKNOWN || frames > 0) {
        table.row(name(code), Units.count(frames), Units.share(frames, result.books().judged()));
      }
    }
    return table;
  }

  private static String name(int code) {
    return code < UNKNOWN ? "XDP_" + XdpAction.of(code) : "no action";
  }

  /** Where every frame ended, in one sum. */
  private String balance() {
    Books books = result.books();
    StringBuilder text = new StringBuilder();
    text.append(Units.count(books.get(Counter.RECEIVED))).append(" received");
    if (books.get(Counter.GENERATED) > 0) {
      text.append(" + ").append(Units.count(books.get(Counter.GENERATED))).append(" generated");
    }
    text.append(" = ").append(Units.count(books.get(Counter.DELIVERED))).append(" passed");
    text.append(" + ").append(Units.count(books.get(Counter.TRANSMITTED))).append(" transmitted");
    text.append(" + ").append(Units.count(books.dropped())).append(" dropped");
    for (DropReason reason : DropReason.values()) {
      long frames = books.dropped(reason);
      if (frames > 0 && reason != DropReason.XDP_DROP) {
        text.append("; ").append(Units.count(frames)).append(" of these because ");
        text.append(reason.sentence());
      }
    }
    if (books.inFlight() > 0) {
      text.append(" + ").append(Units.count(books.inFlight())).append(" in flight");
    }
    return text.toString();
  }

  private void printTargets(PrintStream out) {
    if (result.redirected().isEmpty()) {
      return;
    }
    out.println();
    TextTable table = new TextTable("lr").row("redirected to", "frames");
    for (Map.Entry<Integer, Long> target : result.redirected().entrySet()) {
      table.row(interfaceName(target.getKey()), Units.count(target.getValue()));
    }
    table.print(out, "  ");
  }

  private String interfaceName(int index) {
    String name = result.interfaces().getOrDefault(index, "");
    return "interface " + index + (name.isEmpty() ? "" : " (" + name + ")");
  }

  private void printMaps(PrintStream out) {
    MapsReport report = new MapsReport(out, events);
    for (LoadedObject object : programs.objects()) {
      if (programs.objects().size() > 1 && report.hasAny(object)) {
        out.println();
        out.println(object.object().file());
      }
      report.print(object);
    }
  }

  void write() {
    Json.line(console.out(), this::write);
  }

  private void writeReplacements(JsonGenerator generator) throws IOException {
    for (Replacement each : programs.replacements()) {
      generator.writeStartObject();
      generator.writeStringField("program", each.target());
      generator.writeStringField("function", each.function());
      generator.writeStringField("by", each.program());
      generator.writeStringField("object", each.file());
      generator.writeEndObject();
    }
  }

  private void write(JsonGenerator generator) throws IOException {
    Books books = result.books();
    generator.writeStringField("object", programs.objects().getFirst().object().file());
    generator.writeStringField("program", programs.program().name());
    if (programs.chain() != null) {
      Json.array(generator, "chain", new ChainReport(programs.chain())::write);
    }
    if (!programs.replacements().isEmpty()) {
      Json.array(generator, "replaced", this::writeReplacements);
    }
    generator.writeNumberField("frames", result.frames());
    generator.writeNumberField("bytes", result.bytes());
    generator.writeNumberField("workers", options.workers());
    generator.writeNumberField("repeat", options.repeat());
    generator.writeNumberField("nanos", result.nanos());
    generator.writeNumberField("nsPerFrame", rounded(nanosPerFrame()));
    generator.writeNumberField("mpps", rounded(megaFrames()));
    generator.writeNumberField("gbps", rounded(gigabits()));
    generator.writeObjectFieldStart("actions");
    for (int code = 0; code <= UNKNOWN; code++) {
      generator.writeNumberField(code < UNKNOWN ? name(code) : "unknown", result.verdicts(code));
    }
    generator.writeEndObject();
    generator.writeObjectFieldStart("balance");
    generator.writeNumberField("received", books.get(Counter.RECEIVED));
    generator.writeNumberField("generated", books.get(Counter.GENERATED));
    generator.writeNumberField("transmitted", books.get(Counter.TRANSMITTED));
    generator.writeNumberField("delivered", books.get(Counter.DELIVERED));
    generator.writeNumberField("dropped", books.dropped());
    generator.writeNumberField("inFlight", books.inFlight());
    generator.writeEndObject();
    generator.writeObjectFieldStart("drops");
    for (DropReason reason : DropReason.values()) {
      if (books.dropped(reason) > 0) {
        generator.writeNumberField(reason.label(), books.dropped(reason));
      }
    }
    generator.writeEndObject();
    generator.writeObjectFieldStart("redirected");
    for (Map.Entry<Integer, Long> target : result.redirected().entrySet()) {
      generator.writeNumberField(target.getKey().toString(), target.getValue());
    }
    generator.writeEndObject();
    Json.array(generator, "maps", this::writeMaps);
    generator.writeNumberField("faults", result.faults());
    generator.writeBooleanField("complete", result.complete());
    Json.array(
        generator,
        "problems",
        array -> {
          for (IOException problem : result.problems()) {
            array.writeString(problem.getMessage());
          }
          if (result.failure() != null) {
            array.writeString(result.failure().getMessage());
          }
        });
  }

  private void writeMaps(JsonGenerator array) throws IOException {
    MapsReport report = new MapsReport(console.out(), events);
    for (LoadedObject object : programs.objects()) {
      report.write(array, object);
    }
  }

  private static double rounded(double number) {
    return Math.round(number * 1e3) / 1e3;
  }
}
