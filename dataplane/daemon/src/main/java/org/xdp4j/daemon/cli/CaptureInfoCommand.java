package org.xdp4j.daemon.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.xdp4j.engine.capture.CaptureException;
import org.xdp4j.engine.capture.CaptureInterface;
import org.xdp4j.engine.capture.CaptureReader;
import org.xdp4j.engine.capture.CaptureSummary;
import org.xdp4j.engine.capture.LinkType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code xdp4j capture-info}: what captures hold, found by reading them once. */
@Command(
    name = "capture-info",
    description = {
      "Tells what captures hold: format, interfaces, frames, bytes, times.",
      "",
      "Reads pcap (either byte order, micro- and nanoseconds) and pcapng, compressed with gzip or"
          + " not; - is standard input. Exit status 2 when a capture is truncated or corrupt:"
          + " what is whole is counted all the same."
    },
    footer = {"  xdp4j capture-info pcaps/http.pcap", "  xdp4j capture-info --json pcaps/*.pcap*"})
final class CaptureInfoCommand extends Verb {
  @Parameters(arity = "1..*", paramLabel = "FILE", description = "Captures to read.")
  private List<Path> files;

  CaptureInfoCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() {
    int status = ExitStatus.OK;
    boolean first = true;
    for (Path file : files) {
      try {
        CaptureSummary summary = read(file);
        if (json) {
          Json.line(console.out(), generator -> write(generator, summary));
        } else {
          console.out().print(first ? "" : System.lineSeparator());
          print(summary);
        }
        first = false;
        if (summary.problem() != null) {
          console.complain(summary.problem().getMessage());
          status = ExitStatus.UNUSABLE;
        }
      } catch (CaptureException e) {
        console.complain(e.getMessage());
        status = ExitStatus.UNUSABLE;
      } catch (IOException e) {
        console.complain(Sentences.of(file.toString(), "read", e));
        status = ExitStatus.UNUSABLE;
      }
    }
    return status;
  }

  private CaptureSummary read(Path file) throws IOException {
    if (file.toString().equals(CaptureReader.STDIN)) {
      try (CaptureReader reader = CaptureReader.open(console.in(), "standard input")) {
        return CaptureSummary.of(reader);
      }
    }
    return CaptureSummary.of(file);
  }

  private void print(CaptureSummary summary) {
    PrintStream out = console.out();
    out.println(summary.name());
    TextTable table = new TextTable("ll");
    table.row("format", format(summary) + ", " + order(summary));
    table.row("frames", Units.count(summary.frames()));
    table.row("bytes", bytes(summary));
    table.row("largest frame", Units.counted(summary.largest(), "byte"));
    if (summary.frames() > 0) {
      table.row("first frame", Units.instant(summary.firstNanos()));
      table.row("last frame", Units.instant(summary.lastNanos()));
      table.row("duration", Units.duration(summary.lastNanos() - summary.firstNanos()));
      table.row("in order", summary.inOrder() ? "yes" : "no");
    }
    summary.interfaces().forEach(each -> table.row("interface", describe(each)));
    summary.comments().forEach(comment -> table.row("comment", comment.strip()));
    table.print(out, "  ");
  }

  private static String format(CaptureSummary summary) {
    String name = summary.format().name().toLowerCase(Locale.ROOT);
    return summary.sections() > 1
        ? name + ", " + Units.counted(summary.sections(), "section")
        : name;
  }

  private static String order(CaptureSummary summary) {
    return summary.byteOrder() == ByteOrder.BIG_ENDIAN ? "big-endian" : "little-endian";
  }

  private static String bytes(CaptureSummary summary) {
    String captured = Units.count(summary.capturedBytes());
    return summary.capturedBytes() == summary.originalBytes()
        ? captured
        : captured + " of " + Units.count(summary.originalBytes()) + " on the wire";
  }

  private static String describe(CaptureSummary.InterfaceCount each) {
    CaptureInterface source = each.source();
    String name = source.name().isEmpty() ? "" : source.name() + ", ";
    String snap =
        source.snapLength() == 0 ? "" : ", at most " + Units.count(source.snapLength()) + " kept";
    return name
        + LinkType.name(source.linkType())
        + ", "
        + Units.counted(each.frames(), "frame")
        + ", "
        + Units.counted(each.bytes(), "byte")
        + snap;
  }

  private static void write(JsonGenerator generator, CaptureSummary summary) throws IOException {
    generator.writeStringField("file", summary.name());
    generator.writeStringField("format", summary.format().name().toLowerCase(Locale.ROOT));
    generator.writeStringField("byteOrder", order(summary));
    generator.writeNumberField("sections", summary.sections());
    generator.writeNumberField("frames", summary.frames());
    generator.writeNumberField("capturedBytes", summary.capturedBytes());
    generator.writeNumberField("originalBytes", summary.originalBytes());
    generator.writeNumberField("largestFrame", summary.largest());
    generator.writeNumberField("firstNanos", summary.firstNanos());
    generator.writeNumberField("lastNanos", summary.lastNanos());
    generator.writeBooleanField("inOrder", summary.inOrder());
    Json.array(
        generator,
        "interfaces",
        array -> {
          for (CaptureSummary.InterfaceCount each : summary.interfaces()) {
            Json.object(array, members -> write(members, each));
          }
        });
    Json.array(
        generator,
        "comments",
        array -> {
          for (String comment : summary.comments()) {
            array.writeString(comment);
          }
        });
    Json.string(
        generator, "problem", summary.problem() == null ? null : summary.problem().getMessage());
  }

  private static void write(JsonGenerator generator, CaptureSummary.InterfaceCount each)
      throws IOException {
    CaptureInterface source = each.source();
    generator.writeStringField("name", source.name());
    generator.writeStringField("description", source.description());
    generator.writeStringField("linkType", LinkType.name(source.linkType()));
    generator.writeNumberField("snapLength", source.snapLength());
    generator.writeNumberField("frames", each.frames());
    generator.writeNumberField("bytes", each.bytes());
  }
}
