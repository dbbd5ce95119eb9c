package org.xdp4j.daemon.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.daemon.control.http.Limits;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.PortPlan;
import org.xdp4j.engine.plan.PortSettings;

/** What a port loses on purpose is named everywhere, and no counter ever goes back. */
class FaultFiguresTest {
  private static final int FRAMES = 5000;

  @TempDir private Path folder;

  private static Map<?, ?> named(Object list, String key, String name) {
    return ((List<?>) list)
        .stream()
            .map(each -> (Map<?, ?>) each)
            .filter(each -> name.equals(each.get(key)))
            .findFirst()
            .orElseThrow();
  }

  private static long number(Map<?, ?> object, String name) {
    return ((Number) object.get(name)).longValue();
  }

  /** What a worker sees when it looks after its ports, some milliseconds later. */
  private static Object lastSeen(Wire wire, String reason) throws Exception {
    Object seen = null;
    for (int i = 0; i < 1000 && seen == null; i++) {
      seen = named(wire.get("/v1/figures").object().get("drops"), "reason", reason).get("lastSeen");
    }
    return seen;
  }

  private Daemon start(PortPlan.Faults faults) throws Exception {
    ForwarderPlan plan = Daemon.plan(FRAMES, 0);
    PortSettings wan = PortSettings.of("wan");
    PortPlan faulty = new PortPlan.Fault(wan, new PortPlan.Null(wan), faults);
    return Daemon.start(
        folder,
        plan.withPorts(List.of(plan.ports().getFirst(), faulty)),
        true,
        Limits.defaults(),
        null);
  }

  @Test
  void whatAFaultyPortDoesIsInFiguresMetricsAndBalance() throws Exception {
    PortPlan.Faults faults =
        new PortPlan.Faults(0.3, 0.2, 0.1, 0.1, Duration.ZERO, Duration.ZERO, 7);
    try (Daemon daemon = start(faults);
        Wire wire = daemon.connect(Wire.Over.UNIX)) {
      assertThat(daemon.awaitEnd()).isTrue();
      Map<?, ?> figures = wire.get("/v1/figures").object();
      Map<?, ?> port = named(figures.get("ports"), "port", "wan");
      Map<?, ?> out = (Map<?, ?>) port.get("transmitFaults");
      Map<?, ?> balance = (Map<?, ?>) figures.get("balance");
      long lost = number(out, "lost");
      long doubled = number(out, "duplicated");
      assertThat(lost).isPositive();
      assertThat(number(out, "reordered")).isPositive();
      assertThat(number(out, "corrupted")).isPositive();
      assertThat(number(named(figures.get("drops"), "reason", "fault-loss"), "frames"))
          .isEqualTo(lost);
      assertThat(number(balance, "difference")).isZero();
      assertThat(number(balance, "received")).isEqualTo(FRAMES);
      Map<?, ?> lan = named(figures.get("ports"), "port", "lan"); // by which the stack reports
      assertThat(number(port, "transmittedFrames") + number(lan, "transmittedFrames"))
          .isEqualTo(number(balance, "transmitted"));
      assertThat(number(balance, "generated")).isGreaterThanOrEqualTo(doubled);
      assertThat(lan.get("transmitFaults")).isNull();
      assertThat(lastSeen(wire, "fault-loss")).isNotNull();
      assertThat(wire.get("/metrics").text())
          .contains(
              "xdp4j_port_spoiled_frames_total{direction=\"transmit\",fault=\"loss\",port=\"wan\"} "
                  + (double) lost);
    }
  }

  @Test
  void actionsOfAProgramThatWasReplacedStayCounted() throws Exception {
    byte[] object = Files.readAllBytes(Daemon.ROOT.resolve("filters/firewall.bpf.o"));
    try (Daemon daemon = Daemon.rested(folder);
        Wire wire = daemon.connect(Wire.Over.UNIX)) {
      List<?> before = (List<?>) wire.get("/v1/figures").object().get("actions");
      assertThat(number(named(before, "action", "XDP_PASS"), "frames")).isEqualTo(FRAMES);
      Wire.Answer replaced =
          wire.ask(
              "PUT",
              "/v1/ports/lan/program",
              "Content-Type: application/octet-stream\r\n",
              object,
              true);
      assertThat(replaced.status()).as(replaced.text()).isBetween(200, 204);
      Map<?, ?> after = wire.get("/v1/figures").object();
      assertThat(after.get("actions")).isEqualTo(before);
      Map<?, ?> program = (Map<?, ?>) ((List<?>) after.get("programs")).getFirst();
      assertThat(number(named(program.get("runs"), "action", "XDP_PASS"), "frames")).isZero();
      assertThat(number(named(program.get("earlierRuns"), "action", "XDP_PASS"), "frames"))
          .isEqualTo(FRAMES);
      assertThat(wire.get("/metrics").text())
          .contains("xdp4j_actions_total{action=\"XDP_PASS\"} 5000.0")
          .contains(
              "xdp4j_program_runs_total{action=\"XDP_PASS\",function=\"firewall\","
                  + "program=\"firewall\"} 5000.0");
      assertThat(wire.ask("DELETE", "/v1/ports/lan/program", "", (String) null).status())
          .isBetween(200, 204);
      assertThat(wire.get("/v1/figures").object().get("actions")).isEqualTo(before);
    }
  }
}
