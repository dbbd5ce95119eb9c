package org.xdp4j.daemon.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.xdp4j.daemon.control.client.ClientException;
import org.xdp4j.daemon.control.client.ControlClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code xdp4j capture}: a running daemon's frames as a pcapng file. */
@Command(
    name = "capture",
    description = {
      "Writes frames of a running daemon into a pcapng file, each with port, direction, verdict"
          + " and, when it was dropped, the reason as a comment. Ends with Ctrl-C or --count.",
      "",
      "Workers never wait for it: what cannot be taken is counted and reported at the end."
    },
    footer = {
      "  xdp4j capture --write lan.pcapng --port lan --count 1000",
      "  xdp4j capture --write - --point drop | tcpdump -r -",
      "  xdp4j capture --write dns.pcapng udp port 53"
    })
final class CaptureCommand extends DaemonVerb {
  @Option(
      names = {"-w", "--write"},
      required = true,
      paramLabel = "FILE",
      description = "The file to write; - for standard output.")
  private String file;

  @Option(
      names = {"-p", "--port"},
      paramLabel = "PORT",
      description = "Only frames of this port.")
  private String port;

  @Option(
      names = "--point",
      paramLabel = "POINT",
      description =
          "Where frames are looked at: ingress, egress, drop; all without it. Repeatable.")
  private List<String> points = List.of();

  @Option(
      names = {"-c", "--count"},
      paramLabel = "N",
      description = "End after so many frames.")
  private Long count;

  @Option(
      names = {"-s", "--snaplen"},
      paramLabel = "BYTES",
      description = "Keep so many bytes of a frame at the most; 2048 without it.")
  private Integer snapLength;

  @Parameters(
      paramLabel = "FILTER",
      arity = "0..*",
      description = "A tcpdump expression: only frames it fits.")
  private List<String> filter = List.of();

  CaptureCommand(Console console) {
    super(console);
  }

  @Override
  int run(ControlClient daemon) throws ClientException, CliException {
    try (ControlClient.Response response = daemon.stream(target(), "application/x-pcapng")) {
      Interruption interruption = Interruption.stopping(response::close);
      BlockCount blocks = new BlockCount();
      try (OutputWatch _ =
          file.equals("-") ? OutputWatch.stopping(console, response::close) : null) {
        write(response.body(), blocks);
      } finally {
        interruption.close();
      }
      if (!file.equals("-") || console.isRead()) {
        report(blocks);
      }
      return endOf(blocks.frames(), count, "frame");
    }
  }

  private String target() {
    StringBuilder target = new StringBuilder("/v1/capture?filter=");
    target.append(ControlClient.encode(String.join(" ", filter)));
    if (port != null) {
      target.append("&port=").append(ControlClient.encode(port));
    }
    for (String point : points) {
      target.append("&point=").append(ControlClient.encode(point));
    }
    target.append(count == null ? "" : "&count=" + count);
    return target.append(snapLength == null ? "" : "&snaplen=" + snapLength).toString();
  }

  private void write(InputStream from, BlockCount blocks) throws CliException {
    try {
      if (file.equals("-")) {
        copy(from, console.out(), blocks);
      } else {
        try (OutputStream out = Files.newOutputStream(Path.of(file))) {
          copy(from, out, blocks);
        }
      }
    } catch (IOException e) {
      throw CliException.unusable(Sentences.of(file, "written", e), e);
    }
  }

  /**
   * Ends without a word when the connection does: that is how a capture ends. It may do so within a
   * block, so blocks are written whole.
   */
  private void copy(InputStream from, OutputStream to, BlockCount blocks) throws IOException {
    byte[] buffer = new byte[1 << 16];
    ByteArrayOutputStream held = new ByteArrayOutputStream();
    while (to != console.out() || console.isRead()) {
      int count;
      try {
        count = from.read(buffer);
      } catch (IOException ended) {
        count = -1;
      }
      if (count < 0) {
        to.flush();
        return;
      }
      blocks.take(buffer, count);
      int begun = (int) Math.min(blocks.begun(), count);
      if (begun < count) {
        held.writeTo(to);
        held.reset();
        to.write(buffer, 0, count - begun);
        to.flush();
      }
      held.write(buffer, count - begun, begun);
    }
  }

  private void report(BlockCount blocks) {
    if (json && !file.equals("-")) {
      Json.line(
          console.out(),
          generator -> {
            generator.writeStringField("file", file);
            generator.writeNumberField("frames", blocks.frames());
            generator.writeNumberField("lost", blocks.lost());
          });
    } else {
      console.out().flush();
      console
          .err()
          .println(
              Units.counted(blocks.frames(), "frame")
                  + " captured"
                  + (blocks.lost() == 0 ? "" : ", " + Units.count(blocks.lost()) + " lost"));
    }
  }
}
