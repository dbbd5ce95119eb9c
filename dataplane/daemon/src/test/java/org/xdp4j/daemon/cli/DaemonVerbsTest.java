package org.xdp4j.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.daemon.control.Daemon;
import org.xdp4j.daemon.control.client.ClientException;
import org.xdp4j.daemon.control.client.ControlClient;
import org.xdp4j.daemon.control.json.JsonReader;
import org.xdp4j.engine.plan.ForwarderPlan;
import org.xdp4j.engine.plan.ProgramPlan;

/** The command line of a running daemon. */
class DaemonVerbsTest {
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

  private static Invocation run(String... arguments) {
    List<String> all = new ArrayList<>(Arrays.asList(arguments));
    all.addAll(List.of("--socket", daemon.socket()));
    return Invocation.of(all.toArray(String[]::new));
  }

  private static String shown(String... arguments) {
    Invocation run = run(arguments);
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    return run.out();
  }

  @Test
  void whereNoDaemonRunsItSaysSoInOneSentence() throws Exception {
    Path nowhere = folder.resolve("nowhere.sock");
    for (List<String> verb :
        List.of(
            List.of("show", "ports"),
            List.of("top"),
            List.of("map", "dump", "m"),
            List.of("program", "detach", "lan"),
            List.of("capture", "-w", "-"),
            List.of("trace"),
            List.of("events"))) {
      List<String> all = new ArrayList<>(verb);
      all.addAll(List.of("--socket", nowhere.toString()));
      Invocation.of(all.toArray(String[]::new))
          .refuses(2, "no daemon is running: there is no control socket " + nowhere);
    }
    Path file = Files.writeString(folder.resolve("plain"), "");
    Invocation.of("show", "ports", "--socket", file.toString())
        .refuses(2, "no daemon is running: nobody listens at the control socket " + file);
  }

  @Test
  void aDaemonThatStandsStillIsNotWaitedForForever() throws Exception {
    Path socket = folder.resolve("still.sock");
    try (ServerSocketChannel still = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      still.bind(UnixDomainSocketAddress.of(socket));
      ControlClient client = new ControlClient(socket, Duration.ofMillis(50));
      assertThatThrownBy(() -> client.get("/v1/ports"))
          .isInstanceOf(ClientException.class)
          .hasMessage(
              "the daemon at " + socket + " has not answered for 50 ms: it is stopped, or stuck");
    }
  }

  @Test
  void portsDropsWorkersProgramsMapsAndTablesAreShown() {
    assertThat(shown("show", "ports")).containsPattern("lan +1 +up .* firewall +5,000 ");
    assertThat(shown("show", "drops"))
        .containsPattern("reason +frames +last seen +by +why")
        .containsPattern("5,000 received \\+ [0-9]+ generated = .* in flight\n")
        .doesNotContain("UNACCOUNTED");
    assertThat(shown("show", "workers")).containsPattern("worker +cpu +received").hasLineCount(3);
    assertThat(shown("show", "programs")).containsPattern("firewall +firewall +lan ");
    assertThat(shown("show", "maps")).containsPattern("sources_v4 +LPM_TRIE +firewall +65,536");
    assertThat(shown("show", "fib")).containsPattern("10\\.0\\.1\\.0/24 +unicast +dev lan");
    assertThat(shown("show", "fib", "-6")).contains("fd00:1::/64");
    assertThat(shown("show", "fib", "8.8.8.8"))
        .contains("8.8.8.8 takes 0.0.0.0/0 (unicast) via 10.0.2.2 dev wan");
    assertThat(run("show", "neighbors").status()).isZero();
    assertThat(shown("show", "latency")).containsPattern("99\\.99 % +[0-9.]+ (us|ms)");
    assertThat(shown("show", "balance")).startsWith("5,000 received");
    run("show", "nothing").refuses(2, run("show", "nothing").err().substring(7).strip());
    assertThat(run("show", "nothing").err()).contains("drops", "neighbors").hasLineCount(1);
  }

  @Test
  void jsonIsALineEach() throws Exception {
    for (String what : List.of("ports", "drops", "workers", "programs", "maps", "fib")) {
      String lines = shown("show", what, "--json");
      assertThat(lines.lines()).as(what).isNotEmpty();
      for (String line : lines.lines().toList()) {
        assertThat(JsonReader.readObject(line.getBytes())).as(line).isNotEmpty();
      }
    }
  }

  @Test
  void mapsAreReadWrittenAndDumped() throws Exception {
    assertThat(shown("map", "dump", "sources_v4")).isEqualTo("map sources_v4 is empty\n");
    Path file = Files.writeString(folder.resolve("entries"), "# ours\n203.0.113.0/24=XDP_PASS\n");
    assertThat(shown("map", "set", "sources_v4", "@" + file)).isEmpty();
    assertThat(shown("map", "get", "sources_v4", "203.0.113.0/24")).contains("XDP_PASS");
    assertThat(shown("map", "delete", "sources_v4", "203.0.113.0/24")).isEmpty();
    run("map", "set", "sources_v4", "@/no/such").refuses(2, "/no/such: there is no such file");
    assertThat(shown("map", "set", "sources_v4", "198.51.100.0/24=XDP_DROP", "10.0.0.0/8=XDP_PASS"))
        .isEmpty();
    assertThat(shown("map", "get", "sources_v4", "198.51.100.0/24"))
        .containsPattern(
            "^198\\.51\\.100\\.0/24:\n  action +XDP_DROP\n  \\(2 fields more, all zero\\)");
    assertThat(shown("map", "dump", "sources_v4")).contains("10.0.0.0/8: {", "198.51.100.0/24:\n");
    assertThat(shown("map", "dump", "sources_v4", "--json"))
        .hasLineCount(2)
        .contains("\"keyText\":\"10.0.0.0/8\"");
    assertThat(shown("map", "dump", "decisions"))
        .containsPattern(
            "0 on CPU 1:\n  passed_udp_open_port +\\{\"frames\":2500,.*\n  \\([0-9]+ fields more");
    shown("map", "delete", "sources_v4", "198.51.100.0/24", "10.0.0.0/8");
    run("map", "get", "sources_v4", "10.0.0.0/8")
        .refuses(1, "map sources_v4 has no entry for key 10.0.0.0/8");
    run("map", "delete", "sources_v4", "10.0.0.0/8")
        .refuses(1, "map sources_v4 has no entry for key 10.0.0.0/8");
    shown("map", "set", "sources_v4", "10.0.0.0/8=XDP_PASS");
    run("map", "delete", "sources_v4", "10.0.0.0/8", "11.0.0.0/8")
        .refuses(1, "map sources_v4 had only 1 entry of these 2");
    assertThat(run("map", "set", "sources_v4", "10.0.0.0/99=1").status()).isEqualTo(1);
    assertThat(Invocation.of("map").err())
        .isEqualTo(
            "xdp4j: what to do is missing: get, set, delete, dump (see: xdp4j map --help)\n");
  }

  @Test
  void framesAreCapturedIntoAFileAndItsCountIsTold() throws Exception {
    Path file = folder.resolve("none.pcapng");
    Invocation.of("capture", "-w", file.toString(), "no such thing", "--socket", daemon.socket())
        .refuses(1, run("capture", "-w", "-", "no such thing").err().substring(7).strip());
    run("capture", "-w", file.toString(), "-c", "0")
        .refuses(1, "the parameter count is a number from 1 to 1000000000000000, not 0");
    run("capture", "-w", file.toString(), "-s", "0")
        .refuses(1, "the parameter snaplen is a number from 14 to 262144, not 0");
    run("events", "-c", "0").refuses(2, "--count is 1 or more, not 0");
    assertThat(file).doesNotExist();
    Path busy = Files.createDirectory(folder.resolve("busy"));
    try (Daemon other = Daemon.start(busy, Daemon.busy())) {
      Invocation capture =
          Invocation.of(
              "capture", "-w", file.toString(), "-c", "30", "udp", "--socket", other.socket());
      assertThat(capture.err()).matches("30 frames captured(, [0-9,]+ lost)?\n");
      assertThat(Invocation.of("capture-info", file.toString()).out())
          .containsPattern("frames +30")
          .contains("lan");
      Invocation json =
          Invocation.of(
              "capture", "--json", "-w", file.toString(), "-c", "5", "--socket", other.socket());
      assertThat(json.out()).startsWith("{\"file\":\"" + file + "\",\"frames\":5,\"lost\":");
      Invocation trace = Invocation.of("trace", "-c", "2", "--socket", other.socket());
      assertThat(trace.out())
          .contains("IPv4 10.0.1.", "program firewall begins", "bpf_map_lookup_elem(decisions, 0)")
          .contains("filters/firewall.bpf.c:");
      assertThat(trace.status()).isZero();
    }
  }

  @Test
  void eventsAreToldAsTheyHappen() throws Exception {
    Path folder2 = Files.createDirectory(folder.resolve("events"));
    ForwarderPlan plan =
        Daemon.busy()
            .withPrograms(
                List.of(
                    ProgramPlan.of(
                        "sampler", Invocation.ROOT.resolve("filters/sampler.bpf.o"), "lan")));
    try (Daemon other = Daemon.start(folder2, plan)) {
      List<String> socket = List.of("--socket", other.socket());
      assertThat(Invocation.of("map", "dump", "samples", "--socket", other.socket()).out())
          .startsWith(
              "map samples holds records for readers, no entries (xdp4j events shows them); ")
          .endsWith(" bytes not read yet\n");
      Invocation text = events(socket, "-e", "ringbuf", "-t", "samples=sample", "-c", "3");
      assertThat(text.err()).isEmpty();
      assertThat(text.out()).hasLineCount(3);
      assertThat(text.out().lines())
          .allMatch(line -> line.matches("20[0-9T:.-]+Z ringbuf samples: \\{\".*}"));
      Invocation json = events(socket, "--source", "samples", "--count", "2", "--json");
      assertThat(json.out().lines())
          .hasSize(2)
          .allMatch(line -> line.startsWith("{\"event\":\"ringbuf\",\"time\":"));
      events(socket, "-t", "nothing=sample").refuses(1, "there is no map 'nothing'");
      events(socket, "-e", "sunshine")
          .refuses(
              2,
              "--event is one of ringbuf, perf, printk, link, applied, worker-failed, not"
                  + " sunshine");
    }
  }

  private static Invocation events(List<String> socket, String... arguments) {
    List<String> all = new ArrayList<>(List.of("events"));
    all.addAll(List.of(arguments));
    all.addAll(socket);
    return Invocation.of(all.toArray(String[]::new));
  }

  @Test
  void programsAreReplacedAndRefused() {
    shown("program", "replace", "--port", "lan", "~/filters/firewall.bpf.o");
    Invocation refused = run("program", "replace", "-p", "lan", "~/filters/mistakes/no_dns.bpf.o");
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.err())
        .contains("no_dns")
        .doesNotContain("/tmp/xdp4j-objects")
        .hasLineCount(1);
    run("program", "load", "-p", "lan", "~/filters/pass.bpf.o")
        .refuses(1, "port lan has a program already, firewall");
    run("program", "load", "-p", "lan", "/no/such.o")
        .refuses(2, "/no/such.o cannot be read: there is no such file");
    shown("program", "load", "-p", "wan", "~/filters/pass.bpf.o");
    assertThat(shown("show", "programs")).containsPattern("pass +pass +wan .*filters/pass.bpf.o");
    shown("program", "detach", "wan");
    run("program", "detach", "--port", "wan").refuses(1, "port 'wan' has no program");
    run("program", "detach", "--port", "wan", "lan")
        .refuses(2, "name one port, as in: xdp4j program detach --port lan");
  }

  @Test
  void aFileThatCanBeNoObjectIsNotSent() throws Exception {
    Path huge = folder.resolve("huge.o");
    try (RandomAccessFile file = new RandomAccessFile(huge.toFile(), "rw")) {
      file.setLength(3L << 30);
    }
    run("program", "load", "-p", "wan", huge.toString())
        .refuses(2, huge + ": an object file has at most 64 MiB");
  }

  @Test
  void topPrintsPicturesWhereThereIsNoTerminal() throws Exception {
    assertThat(shown("top", "-n", "1", "-i", "0.1"))
        .contains("xdp4j  up ", "PORT", "WORKER", "5,000 received");
    String json = shown("top", "-n", "2", "-i", "0.1", "--json");
    assertThat(json).hasLineCount(2);
    for (String line : json.lines().toList()) {
      assertThat(JsonReader.readObject(line.getBytes())).containsKey("balance");
    }
    run("top", "-i", "0").refuses(2, "--interval is 0.1 to 3600 seconds, not 0.0");
  }

  /** One view feeds all: what the command line shows is what the API and the metrics say. */
  @Test
  void commandLineApiAndMetricsShowTheSameFigures() throws Exception {
    Map<?, ?> figures = (Map<?, ?>) new ControlClient(Path.of(daemon.socket())).get("/v1/figures");
    String metrics;
    try (ControlClient.Response response =
        new ControlClient(Path.of(daemon.socket())).stream("/metrics", "text/plain")) {
      metrics = new String(response.body().readAllBytes());
    }
    Node all = new Node(figures);
    Node balance = all.node("balance");
    assertThat(shown("show", "balance").strip()).isEqualTo(ShowTables.balanceLine(balance));
    for (String[] pair :
        new String[][] {
          {"received", "received_frames_total"},
          {"receivedBytes", "received_bytes_total"},
          {"generated", "generated_frames_total"},
          {"transmitted", "transmitted_frames_total"},
          {"delivered", "delivered_frames_total"},
          {"inFlight", "in_flight_frames"},
          {"difference", "balance_difference_frames"}
        }) {
      assertThat(sample(metrics, "xdp4j_" + pair[1] + " ")).isEqualTo(balance.number(pair[0]));
    }
    String drops = shown("show", "drops");
    long dropped = 0;
    assertThat(all.nodes("drops")).isNotEmpty();
    for (Node drop : all.nodes("drops")) {
      String name =
          "xdp4j_dropped_frames_total{by=\"%s\",reason=\"%s\"} "
              .formatted(drop.text("by"), drop.text("reason"));
      assertThat(sample(metrics, name)).isEqualTo(drop.number("frames"));
      assertThat(drops).containsPattern(drop.text("reason") + " +" + drop.count("frames") + " ");
      dropped += drop.number("frames");
    }
    assertThat(dropped).isEqualTo(balance.number("dropped"));
    String ports = shown("show", "ports");
    for (Node port : all.nodes("ports")) {
      String name = "xdp4j_port_received_frames_total{port=\"" + port.text("port") + "\"} ";
      assertThat(sample(metrics, name)).isEqualTo(port.number("receivedFrames"));
      assertThat(ports)
          .containsPattern(port.text("port") + " .* " + port.count("receivedFrames") + " ");
    }
    for (Node action : all.nodes("actions")) {
      String name = "xdp4j_actions_total{action=\"" + action.text("action") + "\"} ";
      assertThat(sample(metrics, name)).isEqualTo(action.number("frames"));
    }
  }

  private static long sample(String metrics, String name) {
    String line = metrics.lines().filter(text -> text.startsWith(name)).findFirst().orElseThrow();
    return (long) Double.parseDouble(line.substring(name.length()));
  }
}
