package org.xdp4j.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xdp4j.bpf.object.Clang;
import org.xdp4j.daemon.config.ConfigFile;
import org.xdp4j.daemon.control.Daemon;

/** Maps of maps, maps without keys and variables, filled at the start and in a running daemon. */
class MapsByHandTest {
  private static final Path SOURCE =
      Invocation.ROOT.resolve("dataplane/bpf/src/test/resources/org/xdp4j/bpf/object/byhand.bpf.c");
  private static final String FILE =
      """
      [port.in]
      type = "generator"
      frames = 1
      [port.out]
      type = "null"
      [program.hand]
      object = "byhand.o"
      ports = "in"
      [program.hand.maps]
      queue = ["{a: 5}", "{6, 1}"]
      seen = "7"
      holder = "3=second"
      frames = 100
      """;

  @TempDir private Path folder;
  private Path object;

  @BeforeEach
  void build() throws Exception {
    Clang.assume();
    object = folder.resolve("byhand.o");
    Clang.build(SOURCE, object, "-O2", "-g", "-mcpu=v3");
  }

  private static String dump(Daemon daemon, String map) {
    return Invocation.at(daemon, "map", "dump", map).out();
  }

  @Test
  void aRunningDaemonTakesThemAtTheStartAndLater() throws Exception {
    Path file = Files.writeString(folder.resolve("daemon.toml"), FILE);
    try (Daemon daemon = Daemon.start(folder, ConfigFile.read(file).plan())) {
      assertThat(daemon.awaitEnd()).isTrue();
      assertThat(dump(daemon, "queue")).isEqualTo("#0: {\"a\": 6, \"b\": 1}\n");
      assertThat(dump(daemon, "second")).isEqualTo("3: 1\n");
      assertThat(dump(daemon, "holder")).contains("3: map second (HASH) {3: 1}");
      assertThat(dump(daemon, ".bss")).contains("101");

      assertThat(Invocation.at(daemon, "map", "set", "queue", "{a: 8}").status()).isZero();
      assertThat(dump(daemon, "queue")).endsWith("#1: {\"a\": 8, \"b\": 0}\n");
      assertThat(Invocation.at(daemon, "map", "set", "holder", "2=second").status()).isZero();
      assertThat(dump(daemon, "holder")).contains("2: map second (HASH) {3: 1}");
      assertThat(Invocation.at(daemon, "map", "set", ".bss", "frames=77", "small=9").status())
          .isZero();
      assertThat(dump(daemon, ".bss")).contains("77").doesNotContain("101");
      assertThat(Invocation.at(daemon, "map", "set", "hand:.data", "limit=12").status()).isZero();
      assertThat(dump(daemon, ".data")).contains("12");

      assertThat(Invocation.at(daemon, "map", "set", "holder", "2=nowhere").err())
          .contains("there is no map 'nowhere' to put into it (nothing was changed)");
      assertThat(Invocation.at(daemon, "map", "set", ".bss", "nothing=1").status()).isNotZero();
      assertThat(Invocation.at(daemon, "map", "set", "workers", "0={8, {5}}").err())
          .contains("bpf_prog.fd is a file descriptor of a kernel's");
    }
  }

  @Test
  void aReplayTakesThemBefore() {
    Invocation replay =
        Invocation.of(
            "replay",
            "--program",
            object.toString(),
            "--map",
            "queue={a: 5},{6, 1}",
            "--map",
            "holder=3=second",
            "--map",
            "limit=1000",
            "~/pcaps/dns.pcap");
    assertThat(replay.err()).isEmpty();
    assertThat(replay.status()).isZero();
    assertThat(replay.out()).contains("3: map second (HASH)");
  }

  @Test
  void helpersAreFoundByNumberToo() {
    assertThat(Invocation.of("helpers", "169").out())
        .contains("bpf_timer_init")
        .doesNotContain("bpf_timer_start");
    Invocation.of("helpers", "99999")
        .refuses(2, "no helper, map type or kernel function has '99999' in its name");
  }
}
