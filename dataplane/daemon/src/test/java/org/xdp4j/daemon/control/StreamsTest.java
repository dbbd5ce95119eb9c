package org.xdp4j.daemon.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.daemon.control.json.JsonReader;
import org.xdp4j.engine.capture.CaptureSummary;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.ProgramPlan;

/** Streams: events, captures and traces of a forwarder that is at work. */
@Timeout(60)
class StreamsTest {
  @TempDir static Path folder;
  private static Daemon daemon;

  @BeforeAll
  static void start() throws Exception {
    ForwarderPlan plan = Daemon.busy();
    List<ProgramPlan> programs = new ArrayList<>(plan.programs());
    programs.add(ProgramPlan.of("sampler", Daemon.ROOT.resolve("filters/sampler.bpf.o"), "wan"));
    daemon = Daemon.start(folder, plan.withPrograms(programs));
  }

  @AfterAll
  static void stop() {
    daemon.close();
  }

  private static String get(String target, String accept) {
    return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\nAccept: " + accept + "\r\n\r\n";
  }

  @Test
  void aCaptureIsAFileThatReadersTake() throws Exception {
    try (Wire wire = daemon.connect(Wire.Over.UNIX)) {
      Wire.Answer capture = wire.get("/v1/capture?count=50&point=ingress&filter=udp%20port%2053");
      assertThat(capture.status()).isEqualTo(200);
      assertThat(capture.header("content-type")).isEqualTo("application/x-pcapng");
      Path file = Files.write(folder.resolve("in.pcapng"), capture.body());
      CaptureSummary summary = summary(file);
      assertThat(summary.frames()).isEqualTo(50);
      assertThat(summary.interfaces()).hasSize(1);
      assertThat(summary.interfaces().getFirst().source().name()).isEqualTo("lan");
    }
  }

  @Test
  void droppedFramesSayWhy() throws Exception {
    try (Wire wire = daemon.connect(Wire.Over.UNIX)) {
      Wire.Answer capture = wire.get("/v1/capture?count=40&point=drop&snaplen=64");
      String text = new String(capture.body(), StandardCharsets.ISO_8859_1);
      assertThat(text).contains("dropped: xdp-drop", "dropped: no-route");
      Path file = Files.write(folder.resolve("drop.pcapng"), capture.body());
      assertThat(summary(file).frames()).isEqualTo(40);
    }
  }

  private static CaptureSummary summary(Path file) throws Exception {
    return CaptureSummary.of(file);
  }

  @Test
  void whatCannotBeFollowedIsRefusedBeforeItBegins() throws Exception {
    try (Wire wire = daemon.connect(Wire.Over.UNIX)) {
      Wire.Answer filter = wire.get("/v1/capture?filter=no%20such%20thing");
      assertThat(filter.status()).isEqualTo(422);
      assertThat(filter.detail()).contains("no such thing").doesNotContain("Exception");
      assertThat(wire.get("/v1/trace?filter=%28").status()).isEqualTo(422);
      assertThat(wire.get("/v1/capture?port=nowhere").status()).isEqualTo(404);
      assertThat(wire.get("/v1/events?type=nothing=sample").status()).isEqualTo(404);
      assertThat(wire.get("/v1/capture?point=nowhere").status()).isEqualTo(400);
      assertThat(wire.get("/v1/events?event=nothing").status()).isEqualTo(400);
      Wire.Answer nobody = wire.get("/v1/events?source=nobody");
      assertThat(nobody.status()).isEqualTo(404);
      assertThat(nobody.detail())
          .startsWith("there is no map or port 'nobody'; there are events of ")
          .contains("lan", "samples");
    }
  }

  @Test
  void aTraceTellsTheStoryOfEachFrame() throws Exception {
    try (Wire wire = daemon.connect(Wire.Over.UNIX);
        Wire second = daemon.connect(Wire.Over.UNIX)) {
      Wire.Answer trace = wire.ask("GET", "/v1/trace?count=3&port=lan", "", (String) null);
      List<String> lines = trace.text().lines().toList();
      assertThat(lines).hasSize(3);
      for (String line : lines) {
        Map<String, Object> story = JsonReader.readObject(line.getBytes(StandardCharsets.UTF_8));
        assertThat(story.get("port")).isEqualTo("lan");
        assertThat(story.get("summary").toString()).startsWith("IPv4 10.0.1.").endsWith(" UDP");
        assertThat((List<?>) story.get("steps")).hasSizeGreaterThan(2);
        assertThat(story.get("end")).isIn("dropped", "transmitted", "delivered");
      }
      Wire.Answer dropped = second.ask("GET", "/v1/trace?count=2&dropped=true", "", (String) null);
      assertThat(dropped.text().lines())
          .hasSize(2)
          .allMatch(l -> l.contains("\"end\":\"dropped\""));
    }
  }

  @Test
  void eventsComeAsTheyHappenWithTheirFields() throws Exception {
    ForwarderPlan plan = daemon.forwarder().plan();
    List<ProgramPlan> programs = new ArrayList<>();
    programs.add(ProgramPlan.of("sampler", Daemon.ROOT.resolve("filters/sampler.bpf.o"), "lan"));
    daemon.forwarder().apply(plan.withPrograms(programs));
    try (Wire lines = daemon.connect(Wire.Over.UNIX);
        Wire sse = daemon.connect(Wire.Over.TCP)) {
      lines.say(get("/v1/events?event=ringbuf&type=samples=sample", "application/x-ndjson"));
      assertThat(lines.head().header("content-type")).isEqualTo("application/x-ndjson");
      String record = text(lines, 1);
      assertThat(record)
          .startsWith("{\"event\":\"ringbuf\"")
          .contains("\"source\":\"samples\"", "\"value\":{\"time_ns\":")
          .containsPattern("\"ifindex\": ?1");
      Wire.Answer answer = eventStream(sse);
      assertThat(answer.header("content-type")).isEqualTo("text/event-stream");
      daemon.forwarder().apply(plan);
      assertThat(text(sse, 1)).startsWith("data: {\"event\":\"applied\"").endsWith("}\n\n");
    }
  }

  private static Wire.Answer eventStream(Wire wire) throws Exception {
    int port = daemon.server().http().getPort();
    wire.say(
        "GET /v1/events?event=applied HTTP/1.1\r\nHost: 127.0.0.1:"
            + port
            + "\r\nAuthorization: Bearer "
            + Daemon.TOKEN
            + "\r\nAccept: text/event-stream\r\n\r\n");
    return wire.head();
  }

  /** What a client that reads again after a while is told. */
  @Test
  void aSlowListenerIsToldHowMuchItLostAndSlowsNobody() throws Exception {
    try (Wire slow = daemon.connect(Wire.Over.UNIX);
        Wire other = daemon.connect(Wire.Over.UNIX)) {
      slow.say(get("/v1/capture?filter=udp", "*/*"));
      assertThat(slow.head().status()).isEqualTo(200);
      long before = received(other);
      Thread.sleep(1500);
      assertThat(received(other) - before).as("frames go on").isGreaterThan(20_000);
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (byte[] chunk = slow.chunk(); chunk != null; chunk = slow.chunk()) {
        all.writeBytes(chunk);
        if (lost(all.toByteArray()) > 0 || all.size() > 64 << 20) {
          break;
        }
      }
      assertThat(lost(all.toByteArray())).isPositive();
    }
  }

  private static long received(Wire wire) throws Exception {
    return (Long) wire.get("/v1/balance").object().get("received");
  }

  /** The count of the last interface statistics block. */
  private static long lost(byte[] stream) {
    var bytes = ByteBuffer.wrap(stream).order(ByteOrder.LITTLE_ENDIAN);
    long lost = 0;
    int at = 0;
    while (at + 12 <= stream.length && at + bytes.getInt(at + 4) <= stream.length) {
      if (bytes.getInt(at) == 5) {
        lost = bytes.getLong(at + 24);
      }
      at += bytes.getInt(at + 4);
    }
    return lost;
  }

  private static String text(Wire wire, int chunks) throws Exception {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < chunks; i++) {
      text.append(new String(wire.chunk(), StandardCharsets.UTF_8));
    }
    return text.toString();
  }
}
