package org.xdp4j.daemon.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.daemon.control.client.ControlClient;
import org.xdp4j.daemon.service.NotifySocket;
import org.xdp4j.daemon.service.Privileges;

/** A daemon from its start to its end, without any privilege: frames are made and thrown away. */
class DaemonLifeTest {
  private static final String BALANCE =
      "(?s).*\\n([1-9][0-9,]*) received \\+ 0 generated = \\1 transmitted .* 0 dropped\\n";

  private static final String BRIDGE =
      """
      [port.in]
      type = "generator"
      pace = "2 kpps"
      [port.out]
      type = "null"
      [bridge.b]
      ports = ["in", "out"]
      """;

  @TempDir private Path directory;
  private Path config;

  @BeforeEach
  void write() throws Exception {
    config = Files.writeString(directory.resolve("daemon.toml"), BRIDGE);
  }

  @Test
  void itTellsTheServiceManagerReadsItsFileAgainAndEndsWithItsBalance() throws Exception {
    String socket = directory.resolve("notify").toString();
    Map<String, String> environment =
        Map.of(
            "NOTIFY_SOCKET", socket, "WATCHDOG_USEC", "400000", "XDP4J_SOCKET", directory + "/c");
    try (NotifySocket manager = NotifySocket.listening(socket);
        DaemonProcess daemon =
            DaemonProcess.start(directory, environment, "--config", config.toString())) {
      assertThat(daemon.out()).isEqualTo("ready: 2 ports, 1 bridge, 1 worker\n");
      assertThat(manager.awaits("READY=1\nSTATUS=2 ports, 1 bridge, 1 worker")).isTrue();
      assertThat(manager.awaits("WATCHDOG=1")).isTrue();

      Files.writeString(config, BRIDGE + "[port.third]\ntype = \"null\"\n");
      daemon.signal("HUP");
      assertThat(manager.awaits("RELOADING=1")).isTrue();
      assertThat(manager.awaits("READY=1\nSTATUS=3 ports")).isTrue();

      Files.writeString(config, BRIDGE + "[port.third]\ntype = \"nul\"\n[workers]\ncount = 2\n");
      daemon.signal("HUP");
      daemon.awaitLog("the configuration is refused; all goes on as before");
      assertThat(daemon.err())
          .contains(" error " + config + ":9:1: port.third.type: \"nul\" is none of")
          .doesNotContain("Exception");

      Files.writeString(
          config, BRIDGE + "[workers]\ncount = 250\n[limits]\nframes = 64\nheld = 8\n");
      daemon.signal("HUP");
      daemon.awaitLog(
          ":9:1: workers.count: cannot change from 1 to 250 while the daemon runs: per-");
      daemon.awaitLog(
          ":11:1: limits.frames: cannot change from 4096 to 64 while the daemon runs: ");

      Files.writeString(
          config,
          BRIDGE
              + "[workers]\n"
              + "count = 2\n"
              + "idle = \"yield\"\n"
              + "[limits]\n"
              + "hop-limit = 9\n"
              + "warm-up = \"1 s\"\n"
              + "neighbors = 9\n"
              + "map-memory = \"1 GiB\"\n"
              + "[process]\n"
              + "log = \"debug\"\n"
              + "nice = 6\n");
      daemon.signal("HUP");
      daemon.awaitLog(" ms: 2 ports, 1 bridge, 2 workers");

      Files.writeString(config, BRIDGE + "[process]\nnice = 5\n");
      daemon.signal("HUP");
      daemon.awaitLog(":9:1: process.nice: cannot change from 6 to 5 while the daemon runs: ");

      Files.writeString(
          config, BRIDGE + "[control]\nsocket = \"/dev/null/elsewhere\"\n[process]\nnice = 6\n");
      daemon.signal("HUP");
      daemon.awaitLog(":9:1: control.socket: the control socket /dev/null/elsewhere cannot be");

      daemon.signal("TERM");
      assertThat(daemon.await()).isZero();
      assertThat(daemon.out()).matches(BALANCE);
      assertThat(manager.awaits("STOPPING=1")).isTrue();
    }
  }

  @Test
  void itEndsByItselfWhenCapturesAreAtTheirEnd() throws Exception {
    Path capture = Path.of(System.getProperty("xdp4j.root"), "pcaps/dns.pcap");
    Path written = directory.resolve("out.pcap");
    Files.writeString(
        config,
        BRIDGE
            .replace("\"generator\"", "\"capture-in\"\nfiles = \"" + capture + "\"")
            .replace("10 kpps", "unlimited")
            .replace("\"null\"", "\"capture-out\"\nfile = \"" + written + "\""));
    try (DaemonProcess daemon =
        DaemonProcess.start(
            directory,
            Map.of("XDP4J_SOCKET", directory + "/c"),
            "--until-end",
            "--json",
            "--config",
            config.toString())) {
      assertThat(daemon.await()).isZero();
      assertThat(daemon.out())
          .contains("{\"ready\":\"2 ports, 1 bridge, 1 worker\"}", "{\"received\":36,");
    }
    assertThat(written).isNotEmptyFile();
  }

  @Test
  void itHeedsSignalsThatWhoeverStartedItIgnores() throws Exception {
    try (DaemonProcess daemon =
        DaemonProcess.startIgnoring(directory, "HUP TERM", "--config", config.toString())) {
      daemon.signal("HUP");
      daemon.awaitLog("reloaded in ");
      daemon.signal("TERM");
      assertThat(daemon.await()).isZero();
    }
  }

  @Test
  void aSignalThatComesTwiceAtOnceIsOne() throws Exception {
    Map<String, String> environment = Map.of("XDP4J_SOCKET", directory + "/c");
    try (DaemonProcess daemon =
        DaemonProcess.start(directory, environment, "--config", config.toString())) {
      daemon.signalTwice("TERM");
      assertThat(daemon.await()).isZero();
      assertThat(daemon.out()).matches("(?s)ready: .*\\n[0-9,]+ received \\+ .*");
    }
  }

  @Test
  void whatCannotBeUsedIsSaidWithItsPlace() throws Exception {
    Files.writeString(config, BRIDGE.replace("type = \"null\"", "typ = \"null\""));
    try (DaemonProcess daemon =
        DaemonProcess.launch(directory, Map.of(), "--config", config.toString())) {
      assertThat(daemon.await()).isEqualTo(2);
      assertThat(daemon.err())
          .contains(config + ":5:1: port.out.typ: there is no such key; did you mean type?")
          .endsWith("xdp4j: the configuration cannot be used\n");
    }
    Files.writeString(config, BRIDGE + "[process]\nuser = \"no-such-user\"\n");
    try (DaemonProcess daemon =
        DaemonProcess.launch(directory, Map.of(), "--config", config.toString())) {
      assertThat(daemon.await()).isEqualTo(2);
      assertThat(daemon.err())
          .isEqualTo(
              config
                  + ":9:1: process.user: there is no user 'no-such-user'\n"
                  + "xdp4j: the configuration cannot be used\n");
    }
  }

  @Test
  void aCaptureThatItsUserCouldNotPutAsideIsRefusedAtTheStart() throws Exception {
    assumeTrue(Privileges.isRoot(), "needs root, to become somebody else");
    Path classes =
        Path.of(Daemon.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    assumeTrue(othersMayEnter(classes), "others may not read " + classes);
    String file = directory.resolve("out.pcap").toString(); // in a folder of root's alone
    Files.writeString(
        config,
        BRIDGE.replace(
                "\"null\"", "\"capture-out\"\nfile = \"" + file + "\"\nrotate-size = \"1 MiB\"")
            + "[process]\nuser = \"nobody\"\n");
    try (DaemonProcess daemon =
        DaemonProcess.launch(directory, Map.of(), "--config", config.toString())) {
      assertThat(daemon.await()).isEqualTo(1);
      assertThat(daemon.err())
          .contains(
              config
                  + ":4:1: port.out: its capture cannot be put aside when it is full or old: the"
                  + " daemon's user may make no file in "
                  + directory);
    }
  }

  private static boolean othersMayEnter(Path folder) throws Exception {
    for (Path each = folder.toAbsolutePath(); each != null; each = each.getParent()) {
      if (!Files.getPosixFilePermissions(each).contains(PosixFilePermission.OTHERS_EXECUTE)) {
        return false;
      }
    }
    return true;
  }

  @Test
  void aSecondDaemonAtTheSameSocketLeavesTheFirstItsToken() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Files.writeString(
        config, BRIDGE + "[control]\nsocket = \"c\"\nhttp = \"127.0.0.1:" + port + "\"\n");
    try (DaemonProcess daemon =
        DaemonProcess.start(directory, Map.of(), "--config", config.toString())) {
      Path token = directory.resolve("c.token");
      String first = Files.readString(token);
      try (DaemonProcess second =
          DaemonProcess.launch(directory, Map.of(), "--config", config.toString())) {
        assertThat(second.await()).isEqualTo(1);
        assertThat(second.err()).contains("a daemon is running already");
      }
      assertThat(token).content().isEqualTo(first);
      URI metrics = URI.create("http://127.0.0.1:" + port + "/metrics");
      try (HttpClient client = HttpClient.newHttpClient()) {
        HttpRequest request =
            HttpRequest.newBuilder(metrics)
                .header("Authorization", "Bearer " + first.strip())
                .build();
        assertThat(client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode())
            .isEqualTo(200);
      }
      daemon.signal("TERM");
      assertThat(daemon.await()).isZero();
      assertThat(token).doesNotExist();
    }
  }

  @Test
  void itComesToBeAtAnotherSocketForWhoAsksForIt() throws Exception {
    String first = "[control]\nhttp = \"127.0.0.1:0\"\nsocket = ";
    Files.writeString(config, BRIDGE + first + "\"c\"\n");
    try (DaemonProcess daemon =
        DaemonProcess.start(directory, Map.of(), "--config", config.toString())) {
      String token = Files.readString(directory.resolve("c.token"));
      Files.writeString(config, BRIDGE + first + "\"made/d\"\n[limits]\nring = 64\n");
      ControlClient before = new ControlClient(directory.resolve("c"));
      assertThat(before.send("POST", "/v1/reload", null).toString()).contains("reloaded in ");
      assertThat(files()).doesNotContain("c", "c.token", "c.token.new");
      assertThat(directory.resolve("made/d.token")).content().isEqualTo(token);
      ControlClient after = new ControlClient(directory.resolve("made/d"));
      assertThat(after.get("/v1/balance").toString()).contains("received");

      Files.writeString(config, BRIDGE + first + "\"c\"\n");
      assertThat(after.send("POST", "/v1/reload", null).toString()).contains("reloaded in ");
      assertThat(files()).contains("c", "c.token");
      assertThat(directory.resolve("made")).isEmptyDirectory();
      daemon.signal("TERM");
      assertThat(daemon.await()).isZero();
      assertThat(files()).doesNotContain("c", "c.token");
    }
  }

  @Test
  void aReloadThatIsRefusedLeavesNoToken() throws Exception {
    Map<String, String> environment = Map.of("XDP4J_SOCKET", directory + "/c");
    try (DaemonProcess daemon =
        DaemonProcess.start(directory, environment, "--config", config.toString())) {
      String http = "[control]\nhttp = \"127.0.0.1:0\"\n";
      String lost = directory + "/" + "f".repeat(300) + ".pcap"; // which only opening it shows
      Files.writeString(
          config, BRIDGE + http + "[port.lost]\ntype = \"capture-out\"\nfile = \"" + lost + "\"\n");
      daemon.signal("HUP");
      daemon.awaitLog("the configuration is refused; all goes on as before");
      assertThat(daemon.err()).contains("port 'lost': ");
      assertThat(files()).noneMatch(name -> name.startsWith("c.token"));

      Files.writeString(config, BRIDGE + http);
      daemon.signal("HUP");
      daemon.awaitLog("reloaded in ");
      assertThat(files()).contains("c.token").doesNotContain("c.token.new");

      Files.writeString(config, BRIDGE + "[port.third]\ntype = \"null\"\n");
      daemon.signal("HUP");
      daemon.awaitLog(" ms: 3 ports");
      assertThat(files()).as("without HTTP").doesNotContain("c.token");
      daemon.signal("TERM");
      assertThat(daemon.await()).isZero();
    }
  }

  private List<String> files() throws Exception {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
