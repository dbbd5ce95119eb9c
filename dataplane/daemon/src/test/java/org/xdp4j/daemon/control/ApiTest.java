package org.xdp4j.daemon.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the API answers, the same over AF_UNIX and TCP. */
class ApiTest {
  @TempDir static Path folder;
  private static Daemon daemon;

  @BeforeAll
  static void start() throws Exception {
    daemon = Daemon.rested(folder);
  }

  @AfterAll
  static void stop() {
    daemon.close();
  }

  @Test
  void latencyOfLateIsThatOfLate() throws Exception {
    try (Wire wire = daemon.connect(Wire.Over.UNIX)) {
      wire.get("/v1/figures");
      Thread.sleep(1100);
      Map<?, ?> figures = wire.get("/v1/figures").object();
      assertThat(((Map<?, ?>) figures.get("recentLatency")).get("count")).isEqualTo(0L);
      assertThat(((Map<?, ?>) figures.get("latency")).get("count")).isNotEqualTo(0L);
    }
  }

  @ParameterizedTest
  @EnumSource
  void figuresOfEveryPartAreThere(Wire.Over over) throws Exception {
    try (Wire wire = daemon.connect(over)) {
      Map<?, ?> figures = wire.get("/v1/figures").object();
      assertThat(figures.keySet().stream().map(String::valueOf))
          .containsExactly(
              "time",
              "uptimeSeconds",
              "balance",
              "actions",
              "ports",
              "workers",
              "drops",
              "punts",
              "programs",
              "latency",
              "recentLatency");
      for (String part : List.of("balance", "actions", "ports", "punts", "programs", "latency")) {
        assertThat(wire.get("/v1/" + part).json()).as(part).isEqualTo(figures.get(part));
      }
      assertThat(wire.get("/v1/drops").object().get("balance")).isEqualTo(figures.get("balance"));
      assertThat((List<?>) wire.get("/v1/workers").json()).hasSize(2);
      Map<?, ?> balance = (Map<?, ?>) figures.get("balance");
      assertThat(balance.get("received")).isEqualTo(5000L);
      assertThat(balance.get("difference")).isEqualTo(0L);
    }
  }

  @ParameterizedTest
  @EnumSource
  void manyQuestionsDisturbWorkersNoMoreThanFew(Wire.Over over) throws Exception {
    try (Wire wire = daemon.connect(over)) {
      long began = System.nanoTime();
      Set<Object> moments = new HashSet<>();
      for (int i = 0; i < 300; i++) {
        moments.add(wire.get("/v1/figures").object().get("time"));
      }
      // One reading may have begun before the first question, and one be under way at the last.
      long readings = (System.nanoTime() - began) / 20_000_000 + 2;
      assertThat((long) moments.size()).isLessThanOrEqualTo(readings);
    }
  }

  @ParameterizedTest
  @EnumSource
  void mapsAreReadAndWrittenByTheirTypes(Wire.Over over) throws Exception {
    try (Wire wire = daemon.connect(over)) {
      String entry = "/v1/maps/sources_v4/entry?key=198.51.100.0%2F24";
      assertThat(wire.get(entry).status()).isEqualTo(404);
      assertThat(wire.json("PUT", entry, "{\"value\": \"XDP_DROP\"}").status()).isEqualTo(204);
      Wire.Answer read = wire.get(entry);
      assertThat(read.status()).isEqualTo(200);
      assertThat(read.object().get("keyText")).isEqualTo("198.51.100.0/24");
      assertThat(read.text()).contains("XDP_DROP");
      assertThat(wire.json("PUT", entry + "&flags=noexist", "{\"value\": \"1\"}").detail())
          .contains("there is an entry with this key already");
      Wire.Answer list = wire.get("/v1/maps/sources_v4/entries");
      assertThat((List<?>) list.object().get("entries")).hasSize(1);
      assertThat(wire.ask("DELETE", entry, "", null).status()).isEqualTo(204);
      assertThat(wire.ask("DELETE", entry, "", null).status()).isEqualTo(404);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBatchIsCheckedBeforeAnyOfItIsDone(Wire.Over over) throws Exception {
    try (Wire wire = daemon.connect(over)) {
      String entries = "/v1/maps/sources_v4/entries";
      Wire.Answer broken =
          wire.json("POST", entries, "{\"set\": [\"10.0.0.0/8=XDP_PASS\", \"10.0.0.0/99=1\"]}");
      assertThat(broken.status()).isEqualTo(422);
      assertThat(broken.detail()).contains("10.0.0.0/99", "nothing was changed");
      assertThat((List<?>) wire.get(entries).object().get("entries")).isEmpty();
      Wire.Answer whole =
          wire.json(
              "POST", entries, "{\"set\": [\"10.0.0.0/8=XDP_PASS\", \"10.1.0.0/16=XDP_DROP\"]}");
      assertThat(whole.object().get("set")).isEqualTo(2L);
      Wire.Answer page = wire.get(entries + "?limit=1");
      assertThat((List<?>) page.object().get("entries")).hasSize(1);
      assertThat(page.object().get("next")).isEqualTo(1L);
      Wire.Answer removed =
          wire.json("POST", entries, "{\"delete\": [\"10.0.0.0/8\", \"10.1.0.0/16\"]}");
      assertThat(removed.object().get("deleted")).isEqualTo(2L);
    }
  }

  @ParameterizedTest
  @EnumSource
  void dumpsAreStreamedAsLines(Wire.Over over) throws Exception {
    try (Wire wire = daemon.connect(over)) {
      Wire.Answer dump =
          wire.ask(
              "GET",
              "/v1/maps/decisions/entries",
              "Accept: application/x-ndjson\r\n",
              (String) null);
      assertThat(dump.header("content-type")).isEqualTo("application/x-ndjson");
      assertThat(dump.text().lines()).hasSize(1);
      assertThat(wire.get("/healthz").status()).as("the connection goes on").isEqualTo(200);
    }
  }

  @ParameterizedTest
  @EnumSource
  void routesArePagedAndLookedUp(Wire.Over over) throws Exception {
    try (Wire wire = daemon.connect(over)) {
      Map<?, ?> first = wire.get("/v1/fib?limit=2").object();
      assertThat((List<?>) first.get("routes")).hasSize(2);
      assertThat(first.get("next")).isNotNull();
      Map<?, ?> rest = wire.get("/v1/fib?after=" + encode(first.get("next"))).object();
      assertThat(((List<?>) rest.get("routes")).size() + 2)
          .isEqualTo(((Long) first.get("total")).intValue());
      Map<?, ?> within = wire.get("/v1/fib?within=10.0.1.0/24").object();
      assertThat(within.get("routes").toString()).contains("10.0.1.1/32").doesNotContain("10.0.2");
      Map<?, ?> found = wire.get("/v1/fib/lookup?address=8.8.8.8").object();
      assertThat(found.get("route").toString()).contains("0.0.0.0/0", "10.0.2.2", "wan");
      assertThat(wire.get("/v1/fib/lookup?address=fd00:1::1").text()).contains("local");
      assertThat(wire.get("/v1/fib?family=6").text()).contains("fd00:1::/64");
      assertThat(wire.get("/v1/neighbors").status()).isEqualTo(200);
    }
  }

  private static String encode(Object text) {
    return String.valueOf(text).replace("/", "%2F");
  }

  @ParameterizedTest
  @EnumSource
  void programsAreReplacedDetachedAndLoaded(Wire.Over over) throws Exception {
    byte[] object = Files.readAllBytes(Daemon.ROOT.resolve("filters/firewall.bpf.o"));
    byte[] broken = Files.readAllBytes(Daemon.ROOT.resolve("filters/mistakes/no_dns.bpf.o"));
    String type = "Content-Type: application/octet-stream\r\n";
    String target = "/v1/ports/lan/program?file=filters/firewall.bpf.o";
    try (Wire wire = daemon.connect(over)) {
      wire.json("POST", "/v1/maps/sources_v4/entries", "{\"set\": [\"192.0.2.0/24=XDP_DROP\"]}");
      Wire.Answer there = wire.ask("POST", target, type, object, true);
      assertThat(there.status()).isEqualTo(409);
      assertThat(there.detail()).isEqualTo("port lan has a program already, firewall");
      assertThat(wire.ask("PUT", target, type, object, true).status()).isEqualTo(204);
      assertThat(wire.get("/v1/maps/sources_v4/entries").text())
          .as("maps are kept")
          .contains("192.0.2.0/24");
      Wire.Answer refused =
          wire.ask("PUT", "/v1/ports/lan/program?file=no_dns.bpf.o", type, broken, true);
      assertThat(refused.status()).isEqualTo(422);
      assertThat(refused.detail()).startsWith("").contains("no_dns").doesNotContain("/tmp");
      assertThat(wire.get("/v1/programs").text()).contains("filters/firewall.bpf.o");
      wire.json("POST", "/v1/maps/sources_v4/entries", "{\"delete\": [\"192.0.2.0/24\"]}");
      assertThat(wire.ask("DELETE", "/v1/ports/lan/program", "", null).status()).isEqualTo(204);
      assertThat(wire.ask("DELETE", "/v1/ports/lan/program", "", null).status()).isEqualTo(404);
      assertThat(wire.get("/v1/programs").json()).isEqualTo(List.of());
      assertThat(wire.ask("POST", target, type, object, true).status()).isEqualTo(204);
      assertThat(wire.get("/v1/ports").text()).contains("\"program\":\"firewall\"");
      assertThat(wire.ask("PUT", "/v1/ports/nowhere/program", type, object, true).detail())
          .isEqualTo("there is no port 'nowhere'; there are lan, wan");
    }
  }

  @ParameterizedTest
  @EnumSource
  void refusalsAreProblemsInOneSentence(Wire.Over over) throws Exception {
    try (Wire wire = daemon.connect(over)) {
      problem(wire.get("/v1/nothing"), 404, "there is nothing at this path");
      problem(
          wire.get("/v1/maps/none"),
          404,
          "there is no map 'none'; there are decisions, sources_v4, sources_v6, ports, .rodata");
      problem(
          wire.ask("DELETE", "/v1/ports", "", null), 405, "this path takes GET, not this method");
      problem(
          wire.get("/v1/ports?limit=3"), 400, "there is no parameter 'limit' here, nor any other");
      problem(
          wire.get("/v1/fib?limit=0"),
          400,
          "the parameter limit is a number from 1 to 10000, not 0");
      problem(wire.get("/v1/fib/lookup?address=10.0.0"), 400, null);
      problem(
          wire.ask("PUT", "/v1/maps/ports/entry?key=1", "", "{}"),
          415,
          "the body must be application/json");
      problem(
          wire.json("POST", "/v1/maps/ports/entries", "{\"set\": [], \"sett\": []}"),
          400,
          "there is no member 'sett' here, only set, delete");
    }
  }

  private static void problem(Wire.Answer answer, int status, String detail) {
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
    assertThat(answer.object().get("status")).isEqualTo((long) status);
    assertThat(answer.object().keySet().stream().map(String::valueOf))
        .containsExactly("type", "title", "status", "detail");
    if (detail != null) {
      assertThat(answer.detail()).isEqualTo(detail);
    }
    assertThat(answer.detail()).doesNotContain("Exception", "\n");
  }

  @ParameterizedTest
  @EnumSource
  void reloadAnswersWhatChanged(Wire.Over over) throws Exception {
    try (Wire wire = daemon.connect(over)) {
      assertThat(wire.json("POST", "/v1/reload", "{}").object().get("result"))
          .isEqualTo("nothing changed");
    }
  }

  @ParameterizedTest
  @EnumSource
  void headSaysWhatGetWould(Wire.Over over) throws Exception {
    try (Wire wire = daemon.connect(over)) {
      Wire.Answer head = wire.ask("HEAD", "/page.js", "", null);
      Wire.Answer whole = wire.get("/page.js");
      assertThat(head.header("content-length"))
          .isEqualTo(String.valueOf(whole.body().length))
          .isEqualTo(whole.header("content-length"));
      assertThat(whole.text().getBytes(StandardCharsets.UTF_8)).isEqualTo(whole.body());
    }
  }
}
