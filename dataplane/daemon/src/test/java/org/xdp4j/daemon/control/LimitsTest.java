package org.xdp4j.daemon.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.daemon.control.http.Limits;

/** Slow and greedy clients lose their own connection, and nothing else. */
@Timeout(60)
class LimitsTest {
  private static final int CONNECTIONS = 8;
  private static final long MILLIS = 400;

  @TempDir private Path folder;
  private Daemon daemon;

  @BeforeEach
  void start() throws Exception {
    Limits limits = new Limits(CONNECTIONS, MILLIS, MILLIS, MILLIS, MILLIS, 1 << 20);
    daemon = Daemon.start(folder, Daemon.plan(0, 1000), true, limits, null);
  }

  @AfterEach
  void nothingIsLeft() {
    try {
      await(() -> daemon.server().connections() == 0);
      assertThat(daemon.server().bodyBytes()).isZero();
    } finally {
      daemon.close();
    }
  }

  private static void await(BooleanSupplier condition) {
    for (int i = 0; i < 500 && !condition.getAsBoolean(); i++) {
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
    assertThat(condition.getAsBoolean()).isTrue();
  }

  @Test
  void connectionsAboveTheLimitAreClosedAndOthersGoOn() throws Exception {
    List<Wire> wires = new ArrayList<>();
    try (Wire first = daemon.connect(Wire.Over.TCP)) {
      assertThat(first.get("/v1/balance").status()).isEqualTo(200);
      for (int i = 1; i < CONNECTIONS; i++) {
        wires.add(daemon.connect(Wire.Over.TCP));
        assertThat(wires.getLast().get("/v1/balance").status()).isEqualTo(200);
      }
      try (Wire tooMany = daemon.connect(Wire.Over.TCP)) {
        assertThatThrownBy(() -> tooMany.get("/healthz")).isInstanceOf(IOException.class);
      }
      assertThat(first.get("/healthz").status()).isEqualTo(200);
      try (Wire unix = daemon.connect(Wire.Over.UNIX)) {
        assertThat(unix.get("/healthz").status())
            .as("the socket has a limit of its own")
            .isEqualTo(200);
      }
    } finally {
      for (Wire wire : wires) {
        wire.close();
      }
    }
  }

  @Test
  void connectionsThatShowNoTokenMakeRoomForThoseThatDo() throws Exception {
    List<Wire> silent = new ArrayList<>();
    for (int i = 0; i < 5 * CONNECTIONS; i++) {
      silent.add(daemon.connect(Wire.Over.TCP));
    }
    try (Wire known = daemon.connect(Wire.Over.TCP)) {
      assertThat(known.get("/v1/balance").status()).isEqualTo(200);
      for (int i = 0; i < CONNECTIONS; i++) {
        silent.add(daemon.connect(Wire.Over.TCP));
      }
      try (Wire other = daemon.connect(Wire.Over.TCP)) {
        assertThat(other.get("/v1/balance").status()).isEqualTo(200);
        assertThat(known.get("/v1/balance").status()).isEqualTo(200);
        assertThat(daemon.server().connections()).isLessThanOrEqualTo(CONNECTIONS);
      }
    } finally {
      for (Wire wire : silent) {
        wire.close();
      }
    }
  }

  @Test
  void aHeadThatComesByTheDropIsNotWaitedFor() throws Exception {
    try (Wire wire = daemon.connect(Wire.Over.TCP)) {
      long began = System.nanoTime();
      assertThatThrownBy(
              () -> {
                for (byte letter : "GET /healthz HTTP/1.1\r\nX: ".getBytes()) {
                  wire.say(new byte[] {letter});
                  Thread.sleep(50);
                }
                wire.answer(false);
              })
          .isInstanceOf(IOException.class);
      assertThat(System.nanoTime() - began).isLessThan(3_000_000_000L);
    }
  }

  @Test
  void aBodyThatDoesNotComeIsNotWaitedFor() throws Exception {
    try (Wire wire = daemon.connect(Wire.Over.UNIX)) {
      wire.say("POST /v1/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{");
      assertThatThrownBy(() -> wire.answer(false)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void bodiesAreBoundedEachAndTogether() throws Exception {
    try (Wire wire = daemon.connect(Wire.Over.UNIX)) {
      wire.say("POST /v1/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n");
      assertThat(wire.answer(false).status()).isEqualTo(413);
    }
    try (Wire wire = daemon.connect(Wire.Over.UNIX)) {
      wire.say("GET /v1/ports HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx");
      assertThat(wire.answer(false).detail()).isEqualTo("no body is taken here");
    }
    byte[] large = new byte[2 << 20];
    try (Wire wire = daemon.connect(Wire.Over.UNIX)) {
      Wire.Answer answer;
      try {
        answer =
            wire.ask(
                "PUT",
                "/v1/ports/lan/program",
                "Content-Type: application/octet-stream\r\n",
                large,
                true);
      } catch (IOException e) {
        answer = wire.answer(false); // It was refused before all of it was sent.
      }
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.header("retry-after")).isEqualTo("1");
    }
  }

  @Test
  void linesAndFieldsAreBounded() throws Exception {
    try (Wire wire = daemon.connect(Wire.Over.TCP)) {
      wire.say("GET /" + "a".repeat(20_000) + " HTTP/1.1\r\n\r\n");
      assertThat(wire.answer(false).status()).isEqualTo(414);
    }
    try (Wire wire = daemon.connect(Wire.Over.TCP)) {
      wire.say("GET / HTTP/1.1\r\nX: " + "a".repeat(40_000) + "\r\n\r\n");
      assertThat(wire.answer(false).status()).isEqualTo(431);
    }
    try (Wire wire = daemon.connect(Wire.Over.TCP)) {
      wire.say("\u0016\u0003\u0001\u0002 this is no HTTP at all\r\n\r\n");
      assertThat(wire.answer(false).status()).isEqualTo(400);
    }
  }

  @Test
  void requestsInARowOnOneConnectionAreAnsweredInOrder() throws Exception {
    try (Wire wire = daemon.connect(Wire.Over.UNIX)) {
      String get = " HTTP/1.1\r\nHost: x\r\n\r\n";
      wire.say("GET /healthz" + get + "GET /v1/nothing" + get + "GET /v1/balance" + get);
      assertThat(wire.answer(false).status()).isEqualTo(200);
      assertThat(wire.answer(false).status()).isEqualTo(404);
      assertThat(wire.answer(false).text()).contains("received");
    }
  }

  @Test
  void whoTakesNothingOfAReplyIsLeft() throws Exception {
    try (Wire setup = daemon.connect(Wire.Over.UNIX)) {
      StringBuilder many = new StringBuilder("{\"set\": [");
      for (int i = 0; i < 4000; i++) {
        many.append(i == 0 ? "" : ",");
        many.append("\"10.").append(i >> 8).append('.').append(i & 255).append(".0/24=1\"");
      }
      assertThat(setup.json("POST", "/v1/maps/sources_v4/entries", many + "]}").status())
          .isEqualTo(200);
    }
    try (Wire wire = daemon.connect(Wire.Over.UNIX)) {
      // As many dumps as no socket's buffer holds, and none of it read.
      String get =
          "GET /v1/maps/sources_v4/entries HTTP/1.1\r\n"
              + "Host: x\r\n"
              + "Accept: application/x-ndjson\r\n\r\n";
      wire.say(get.repeat(8));
      await(() -> daemon.server().connections() == 0);
    }
  }

  @Test
  void streamsEndWithTheirClientsAndThereAreOnlySoMany() throws Exception {
    List<Wire> wires = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Wire wire = daemon.connect(Wire.Over.UNIX);
      wires.add(wire);
      wire.say("GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(wire.head().status()).isEqualTo(200);
    }
    Thread.sleep(3 * MILLIS);
    assertThat(daemon.server().connections()).as("quiet streams are not timed out").isEqualTo(5);
    for (Wire wire : wires) {
      wire.close();
    }
    await(() -> daemon.server().connections() == 0);
  }
}
